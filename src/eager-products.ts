import type * as tensorflow from '@tensorflow/tfjs';
import { type MatrixView, Products } from './math/products/product';

/** What a kernel of TensorFlow.js's `cpu` is given; its declarations leave it open. */
interface ProductArguments {
  readonly inputs: { readonly a: tensorflow.TensorInfo; readonly b: tensorflow.TensorInfo };
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly backend: {
    readonly blockSize: number;
    readonly data: { get(id: object): { readonly values: unknown } };
    makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tensorflow.TensorInfo;
  };
}

const NAME = 'BatchMatMul';
const BACKEND = 'cpu';
/** The one with which the bits are the same. */
const BLOCK_SIZE = 48;
/** A product of fewer multiplications is not worth the copies of its matrices. */
const FEWEST = 10_000;
/** Numbers in the two matrices and their product: the memory for them is kept. */
const MOST = 2 ** 24;

/**
 * Puts a faster matrix product in the place of that of TensorFlow.js's `cpu`, with the same bits. What it is not made for goes to the
 * old one: integers, batches that are broadcast, the very small and the very large.
 */
export function speedUpProducts({ getKernel, registerKernel, unregisterKernel }: typeof tensorflow): void {
  const own = getKernel(NAME, BACKEND);
  if (!own) return;
  let products: Products | undefined;
  unregisterKernel(NAME, BACKEND);
  registerKernel({
    ...own,
    kernelFunc: (given) => {
      const fits = fitting(given as unknown as ProductArguments);
      if (!fits) return own.kernelFunc(given);
      products ??= new Products();
      return multiply(products, fits, given as unknown as ProductArguments);
    },
  });
}

interface Fitting {
  readonly outer: readonly number[];
  readonly size: readonly [n: number, m: number, p: number];
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** The matrices, where they are what the fast product is made for. */
function fitting({ inputs: { a, b }, attrs, backend }: ProductArguments): Fitting | null {
  const outer = a.shape.slice(0, -2);
  const [n, m] = sizes(a.shape, attrs.transposeA);
  const [also, p] = sizes(b.shape, attrs.transposeB);
  const isLike = m === also && outer.length === b.shape.length - 2 && outer.every((size, i) => size === b.shape[i]);
  if (!isLike || n * m * p < FEWEST || n * m + m * p + n * p > MOST || backend.blockSize !== BLOCK_SIZE) return null;
  const [left, right] = [backend.data.get(a.dataId).values, backend.data.get(b.dataId).values];
  if (!(left instanceof Float32Array && right instanceof Float32Array)) return null;
  return { outer, size: [n, m, p], left, right };
}

function multiply(products: Products, { outer, size, left, right }: Fitting, given: ProductArguments) {
  const [n, m, p] = size;
  const { transposeA, transposeB } = given.attrs;
  const batches = outer.reduce((all, one) => all * one, 1);
  const result = new Float32Array(batches * n * p);
  for (let i = 0; i < batches; i++) {
    products.multiply(
      size,
      view(left.subarray(i * n * m, (i + 1) * n * m), [n, m], transposeA),
      view(right.subarray(i * m * p, (i + 1) * m * p), [m, p], transposeB),
      result.subarray(i * n * p, (i + 1) * n * p),
    );
  }
  return given.backend.makeTensorInfo([...outer, n, p], 'float32', result);
}

/** Rows and columns of a matrix, or of its transpose. */
function sizes(shape: readonly number[], isTransposed: boolean): readonly [number, number] {
  const [rows = 0, columns = 0] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

/** A matrix of that many rows and columns, which lies in the array as it is or transposed. */
function view(values: Float32Array, [rows, columns]: readonly [number, number], isTransposed: boolean): MatrixView {
  return isTransposed ? { values, rowStep: 1, columnStep: rows } : { values, rowStep: columns, columnStep: 1 };
}
