/** What the encoder and the simplifier must know of an ONNX operator (operator set 18). */
export interface OpSpec {
  /** Attributes that ONNX takes as constant int64 inputs, in input order after the tensor inputs. */
  readonly inputAttributes?: readonly string[];
  /** Attributes that ONNX takes as a constant input of the first tensor's type, after `inputAttributes`. */
  readonly scalarInputs?: readonly string[];
  /** Number-valued attributes that are floats; all others are integers. */
  readonly floats?: readonly string[];
  /** Elementwise with numpy broadcasting of its inputs. */
  readonly broadcasts?: true;
}

const ELEMENTWISE: OpSpec = { broadcasts: true };
const REDUCTION: OpSpec = { inputAttributes: ['axes'] };

/** Every ONNX operator that a lowering may emit. */
export type OpName =
  // elementwise, one input
  | 'Abs'
  | 'Acos'
  | 'Acosh'
  | 'Asin'
  | 'Asinh'
  | 'Atan'
  | 'Atanh'
  | 'Ceil'
  | 'Cos'
  | 'Cosh'
  | 'Elu'
  | 'Erf'
  | 'Exp'
  | 'Floor'
  | 'IsInf'
  | 'IsNaN'
  | 'LeakyRelu'
  | 'Log'
  | 'Neg'
  | 'Not'
  | 'Reciprocal'
  | 'Relu'
  | 'Round'
  | 'Sigmoid'
  | 'Sign'
  | 'Sin'
  | 'Sinh'
  | 'Sqrt'
  | 'Tan'
  | 'Tanh'
  | 'Clip'
  | 'Cast'
  | 'Identity'
  // elementwise, two or three inputs
  | 'Add'
  | 'And'
  | 'BitwiseAnd'
  | 'Div'
  | 'Equal'
  | 'Greater'
  | 'GreaterOrEqual'
  | 'Less'
  | 'LessOrEqual'
  | 'Max'
  | 'Min'
  | 'Mod'
  | 'Mul'
  | 'Or'
  | 'Pow'
  | 'PRelu'
  | 'Sub'
  | 'Where'
  | 'Xor'
  // reductions
  | 'ReduceMax'
  | 'ReduceMean'
  | 'ReduceMin'
  | 'ReduceProd'
  | 'ReduceSum'
  | 'ArgMax'
  | 'ArgMin'
  | 'CumSum'
  | 'Softmax'
  | 'LogSoftmax'
  | 'TopK'
  // linear algebra
  | 'MatMul'
  | 'Gemm'
  | 'Einsum'
  // movement
  | 'Concat'
  | 'Expand'
  | 'Gather'
  | 'GatherND'
  | 'Pad'
  | 'Reshape'
  | 'ScatterND'
  | 'Slice'
  | 'Split'
  | 'Tile'
  | 'Transpose'
  // convolution
  | 'Conv'
  | 'ConvTranspose'
  | 'AveragePool'
  | 'MaxPool';

const OPS: { readonly [O in OpName]: OpSpec } = {
  // elementwise, one input
  Abs: ELEMENTWISE,
  Acos: ELEMENTWISE,
  Acosh: ELEMENTWISE,
  Asin: ELEMENTWISE,
  Asinh: ELEMENTWISE,
  Atan: ELEMENTWISE,
  Atanh: ELEMENTWISE,
  Ceil: ELEMENTWISE,
  Cos: ELEMENTWISE,
  Cosh: ELEMENTWISE,
  Elu: { ...ELEMENTWISE, floats: ['alpha'] },
  Erf: ELEMENTWISE,
  Exp: ELEMENTWISE,
  Floor: ELEMENTWISE,
  IsInf: ELEMENTWISE,
  IsNaN: ELEMENTWISE,
  LeakyRelu: { ...ELEMENTWISE, floats: ['alpha'] },
  Log: ELEMENTWISE,
  Neg: ELEMENTWISE,
  Not: ELEMENTWISE,
  Reciprocal: ELEMENTWISE,
  Relu: ELEMENTWISE,
  Round: ELEMENTWISE,
  Sigmoid: ELEMENTWISE,
  Sign: ELEMENTWISE,
  Sin: ELEMENTWISE,
  Sinh: ELEMENTWISE,
  Sqrt: ELEMENTWISE,
  Tan: ELEMENTWISE,
  Tanh: ELEMENTWISE,
  Clip: { scalarInputs: ['min', 'max'] },
  Cast: {},
  Identity: {},
  // elementwise, two or three inputs
  Add: ELEMENTWISE,
  And: ELEMENTWISE,
  BitwiseAnd: ELEMENTWISE,
  Div: ELEMENTWISE,
  Equal: ELEMENTWISE,
  Greater: ELEMENTWISE,
  GreaterOrEqual: ELEMENTWISE,
  Less: ELEMENTWISE,
  LessOrEqual: ELEMENTWISE,
  Max: ELEMENTWISE,
  Min: ELEMENTWISE,
  Mod: ELEMENTWISE,
  Mul: ELEMENTWISE,
  Or: ELEMENTWISE,
  Pow: ELEMENTWISE,
  PRelu: ELEMENTWISE,
  Sub: ELEMENTWISE,
  Where: ELEMENTWISE,
  Xor: ELEMENTWISE,
  // reductions
  ReduceMax: REDUCTION,
  ReduceMean: REDUCTION,
  ReduceMin: REDUCTION,
  ReduceProd: REDUCTION,
  ReduceSum: REDUCTION,
  ArgMax: {},
  ArgMin: {},
  CumSum: { inputAttributes: ['axis'] },
  Softmax: {},
  LogSoftmax: {},
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
};

export function opSpec(op: OpName): OpSpec {
  return OPS[op];
}
