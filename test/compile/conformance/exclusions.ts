import type { DeviceName } from '../../../src/compile/runtime/devices';

/** Tests that are known not to pass, and why that is right or must be lived with. */
export interface Exclusion {
  readonly reason: string;
  /** What the spec's file and name contain. */
  readonly specs: readonly RegExp[];
}

const EVERYWHERE: readonly Exclusion[] = [
  {
    reason:
      'one unit in the last place of float32 is more than the test’s absolute tolerance of 0.001 at this magnitude',
    specs: [/\/exp_test.* int32$/, /\/tan_test.*numbers exceed float32 precision$/],
  },
  {
    reason: 'an index out of range is known only when the graph runs, and ONNX Runtime refuses it there',
    specs: [/\/gather_test.*throws when index is out of bound$/],
  },
];

const WEBGPU: readonly Exclusion[] = [
  {
    reason: 'WGSL lets an implementation assume that there are no NaNs, and the software driver does',
    specs: [
      /\/acosh_test.*(propagates NaNs|NaN outside function domain)$/,
      /\/arithmetic_test.*negative base and fract exponent NaN$/,
      /\/asinh_test.*propagates NaNs$/,
      /\/atanh_test.*(propagates NaNs|NaN outside function domain)$/,
      /\/clip_by_value_test.*(basic vec4|propagates NaNs)$/,
      /\/log_test.*(log propagates NaNs|negtive values)$/,
      /\/relu_test.*propagates NaNs, float32$/,
      /\/sigmoid_test.*propagates NaNs$/,
      /\/softmax_test.*Propagates NaNs$/,
      /\/step_test.*(with 1d tensor and alpha|propagates NaNs)$/,
    ],
  },
  {
    reason: 'sine, cosine and tangent are less precise in WGSL',
    specs: [/\/cos_test.*(gradients: Scalar|gradient with clones)$/, /\/tan_test.*gradients: Tensor2D$/],
  },
  {
    reason: 'ONNX Runtime’s WebGPU TopK takes −∞ for the lowest finite number',
    specs: [/\/topk_test.*negative infinity input$/],
  },
];

export const EXCLUSIONS: { readonly [D in DeviceName]: readonly Exclusion[] } = {
  cpu: EVERYWHERE,
  webgpu: [...EVERYWHERE, ...WEBGPU],
  cuda: EVERYWHERE,
};

/** Files that test kernels which are not supported, some by the errors that those would throw. */
export const UNSUPPORTED_FILES = /ragged_|multinomial_/;
