/** An unevaluated sum high + low of two floats, some 32 digits (Dekker 1971). */
interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

const SPLITTER = 2 ** 27 + 1;

/**
 * The lower triangular L with L·Lᵀ = a, every entry to the last digits of a float while the condition number of a stays
 * below 1e15: pivots are what is left after subtractions that cancel, so those are done in 32 digits. Null where a pivot is
 * not positive. Time and memory are meant for a few dimensions.
 */
export function accurateCholesky(a: Float64Array, n: number): Float64Array | null {
  // Powers of two bring the diagonal near 1, without rounding, so that no product overflows.
  const scale = Array.from({ length: n }, (_, j) => 2 ** Math.round(0.5 * Math.log2(a[j * n + j]!)));
  const left = Array.from(a, (x, at): DoubleDouble => {
    return { high: x / scale[Math.floor(at / n)]! / scale[at % n]!, low: 0 };
  });
  const factor = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const pivot = left[j * n + j]!;
    if (!(pivot.high > 0)) return null;
    const root = Math.sqrt(pivot.high);
    for (let i = j; i < n; i++) {
      factor[i * n + j] = scale[i]! * (i === j ? root : left[i * n + j]!.high / root);
      const ratio = quotient(left[i * n + j]!, pivot);
      for (let k = j + 1; k <= i; k++) {
        left[i * n + k] = difference(left[i * n + k]!, product(ratio, left[k * n + j]!));
      }
    }
  }
  return factor;
}

function product(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = a.high * b.high;
  return normalised(high, productError(a.high, b.high, high) + (a.high * b.low + a.low * b.high));
}

function quotient(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a.high / b.high;
  const rest = difference(a, product({ high: first, low: 0 }, b));
  return normalised(first, rest.high / b.high);
}

function difference(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = a.high - b.high;
  const back = high - a.high;
  const error = a.high - (high - back) + (-b.high - back);
  return normalised(high, error + (a.low - b.low));
}

function normalised(high: number, low: number): DoubleDouble {
  const sum = high + low;
  return { high: sum, low: low - (sum - high) };
}

/** a·b − product, exactly, where `product` is the rounded a·b. */
function productError(a: number, b: number, rounded: number): number {
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return aHigh * bHigh - rounded + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function split(x: number): [number, number] {
  const scaled = SPLITTER * x;
  const high = scaled - (scaled - x);
  return [high, x - high];
}
