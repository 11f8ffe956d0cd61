/** What the encoder and the simplifier must know of an ONNX operator (operator set 18). */
export interface OpSpec {
  /** Where the operator is defined, if not by ONNX, and what it is called there. */
  readonly of?: { readonly domain: string; readonly name: string };
  /** Attributes that ONNX takes as constant int64 inputs, in input order after the tensor inputs. */
  readonly inputAttributes?: readonly string[];
  /** Attributes that ONNX takes as a constant input of the first tensor's type, after `inputAttributes`. */
  readonly scalarInputs?: readonly string[];
  /** Number-valued attributes that are floats; all others are integers. */
  readonly floats?: readonly string[];
  /** Elementwise with numpy broadcasting of its inputs. */
  readonly broadcasts?: true;
  /** How GraphBuilder infers the result's type, where several operators share one rule. */
  readonly rule?: 'unary' | 'binary' | 'comparison' | 'reduction';
}

const ELEMENTWISE = { broadcasts: true } as const;
const UNARY = { broadcasts: true, rule: 'unary' } as const;
const BINARY = { broadcasts: true, rule: 'binary' } as const;
const COMPARISON = { broadcasts: true, rule: 'comparison' } as const;
/** ONNX Runtime's own operators on images in blocks of channels, `[n, c/block, height, width, block]`: see `lower/blocked`. */
const blocked = (name: string) => ({ of: { domain: 'com.microsoft.nchwc', name } });
const REDUCTION = { inputAttributes: ['axes'], rule: 'reduction' } as const;

/** Every ONNX operator that a lowering may emit. */
const OPS = {
  // elementwise, one input
  Abs: UNARY,
  Acos: UNARY,
  Acosh: UNARY,
  Asin: UNARY,
  Asinh: UNARY,
  Atan: UNARY,
  Atanh: UNARY,
  Ceil: UNARY,
  Cos: UNARY,
  Cosh: UNARY,
  Elu: { ...UNARY, floats: ['alpha'] },
  Erf: UNARY,
  Exp: UNARY,
  Floor: UNARY,
  IsInf: ELEMENTWISE,
  IsNaN: ELEMENTWISE,
  LeakyRelu: { ...UNARY, floats: ['alpha'] },
  Log: UNARY,
  Neg: UNARY,
  Not: UNARY,
  Reciprocal: UNARY,
  Relu: UNARY,
  Round: UNARY,
  Sigmoid: UNARY,
  Sign: UNARY,
  Sin: UNARY,
  Sinh: UNARY,
  Sqrt: UNARY,
  Tan: UNARY,
  Tanh: UNARY,
  Clip: { rule: 'unary', scalarInputs: ['min', 'max'] },
  Cast: {},
  Identity: { rule: 'unary' },
  // elementwise, two or three inputs
  Add: BINARY,
  And: BINARY,
  BitwiseAnd: BINARY,
  Div: BINARY,
  Equal: COMPARISON,
  Greater: COMPARISON,
  GreaterOrEqual: COMPARISON,
  Less: COMPARISON,
  LessOrEqual: COMPARISON,
  Max: BINARY,
  Min: BINARY,
  Mod: BINARY,
  Mul: BINARY,
  Or: BINARY,
  Pow: BINARY,
  PRelu: BINARY,
  Sub: BINARY,
  Where: ELEMENTWISE,
  Xor: BINARY,
  // reductions
  ReduceMax: REDUCTION,
  ReduceMean: REDUCTION,
  ReduceMin: REDUCTION,
  ReduceProd: REDUCTION,
  ReduceSum: REDUCTION,
  ArgMax: {},
  ArgMin: {},
  CumSum: { rule: 'unary', inputAttributes: ['axis'] },
  Softmax: { rule: 'unary' },
  LogSoftmax: { rule: 'unary' },
  TopK: { inputAttributes: ['k'] },
  // linear algebra
  MatMul: {},
  Gemm: { floats: ['alpha', 'beta'] },
  Einsum: {},
  // movement
  Concat: {},
  Expand: { inputAttributes: ['shape'] },
  Gather: {},
  GatherND: {},
  Pad: { inputAttributes: ['pads'], scalarInputs: ['value'] },
  Reshape: { inputAttributes: ['shape'] },
  ScatterND: {},
  Slice: { inputAttributes: ['starts', 'ends', 'axes', 'steps'] },
  Split: { inputAttributes: ['split'] },
  Tile: { inputAttributes: ['repeats'] },
  Transpose: {},
  // convolution
  Conv: {},
  ConvTranspose: {},
  AveragePool: {},
  MaxPool: {},
  BlockedConv: blocked('Conv'),
  ReorderInput: blocked('ReorderInput'),
  ReorderOutput: blocked('ReorderOutput'),
} as const satisfies Readonly<Record<string, OpSpec>>;

export type OpName = keyof typeof OPS;

/** The operators whose result's type follows one rule. */
export type OpsOf<Rule extends NonNullable<OpSpec['rule']>> = {
  [O in OpName]: (typeof OPS)[O] extends { readonly rule: Rule } ? O : never;
}[OpName];

export function opSpec(op: OpName): OpSpec {
  return OPS[op];
}
