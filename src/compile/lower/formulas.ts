import type { GraphBuilder } from '../graph/builder';
import { constantData, type Value } from '../graph/graph';

/** Arithmetic of TensorFlow.js counts with bools as int32. */
export function numbers(b: GraphBuilder, x: Value): Value {
  return x.dtype === 'bool' ? b.cast(x, 'int32') : x;
}

/**
 * ln(1 + x) by u = fl(1 + x): x · ln u / (u − 1), which is accurate for small x because the error of u cancels (Kahan;
 * Goldberg 1991, theorem 4). u = 1 gives x itself; past 2²⁴ the correction is 1 and ln u alone is right, also at +∞.
 */
export function log1p(b: GraphBuilder, x: Value): Value {
  const one = b.scalar(1);
  const u = b.binary('Add', x, one);
  const log = b.unary('Log', u);
  const corrected = b.binary('Mul', log, b.binary('Div', x, b.binary('Sub', u, one)));
  const large = b.compare('Greater', x, b.scalar(2 ** 24));
  return b.where(b.compare('Equal', u, one), x, b.where(large, log, corrected));
}

/**
 * ln(1 + eˣ) = max(x, 0) + ln(1 + e), e = e^−|x| ∈ [0, 1], with u = fl(1 + e) and ln(1 + e) = ln u + (e − (u − 1))/u to first order in the
 * rounding error of u, so that no digit is lost where eˣ is small. Not ONNX's Softplus: ONNX Runtime computes that an element at a time,
 * at three times the cost of all these passes, which are vectorised.
 */
export function softplus(b: GraphBuilder, x: Value): Value {
  const one = b.scalar(1);
  const e = b.unary('Exp', b.unary('Neg', b.unary('Abs', x)));
  const u = b.binary('Add', e, one);
  const lost = b.binary('Sub', e, b.binary('Sub', u, one));
  const log = b.binary('Add', b.unary('Log', u), b.binary('Div', lost, u));
  return b.binary('Add', b.unary('Relu', x), log);
}

/**
 * eˣ − 1 by u = fl(eˣ): (u − 1) · x / ln u, the same cancellation as in `log1p`. Far from zero u − 1 alone is exact, and the
 * quotient would be ∞/∞ or 0/0.
 */
export function expm1(b: GraphBuilder, x: Value): Value {
  const one = b.scalar(1);
  const u = b.unary('Exp', x);
  const plain = b.binary('Sub', u, one);
  const corrected = b.binary('Mul', plain, b.binary('Div', x, b.unary('Log', u)));
  const near = b.compare('Less', b.unary('Abs', x), one);
  return b.where(b.compare('Equal', u, one), x, b.where(near, corrected, plain));
}

/**
 * 1 where x > 0, NaN where x is NaN, else `alpha`. As x·2¹⁴⁹ cut to [0, 1], since 2⁻¹⁴⁹ is the smallest positive float32 (and 2¹⁴⁹ no
 * float32, hence two factors): three vectorised passes, where ONNX Runtime's Sign takes an element at a time.
 */
export function step(b: GraphBuilder, x: Value, alpha: number): Value {
  const scaled = x.dtype === 'float32' ? b.binary('Mul', b.binary('Mul', x, b.scalar(2 ** 126)), b.scalar(2 ** 23)) : x;
  const positive = b.unary('Clip', scaled, { min: 0, max: 1 });
  if (alpha === 0) return positive;
  return b.where(b.compare('Equal', positive, b.scalar(0, x.dtype)), b.scalar(alpha, x.dtype), positive);
}

/**
 * 1/(1 + e⁻ˣ) as it stands. ONNX Runtime's own Sigmoid on `cpu` is right to 6·10⁻⁸ of 1 only: e⁻¹⁵ comes out a sixth too large and e⁻²⁰ as 0, of
 * which the logarithm is no number to learn from.
 */
export function sigmoid(b: GraphBuilder, x: Value): Value {
  return b.unary('Reciprocal', b.binary('Add', b.unary('Exp', b.unary('Neg', x)), b.scalar(1)));
}

/**
 * An integer divisor with 1 in place of 0 and −1, on which (the latter with −2³¹) processors trap, and by what to multiply the quotient to have
 * TensorFlow.js's: 0 and −a.
 */
function safeDivisor(g: GraphBuilder, b: Value): { divisor: Value; factor: Value | null } {
  const known = constantData(b);
  if (known?.every((n) => n !== 0 && n !== -1)) return { divisor: b, factor: null };
  const [zero, one, minusOne] = [0, 1, -1].map((n) => g.scalar(n, 'int32')) as [Value, Value, Value];
  const unsafe = g.binary('Or', g.compare('Equal', b, zero), g.compare('Equal', b, minusOne));
  return { divisor: g.where(unsafe, one, b), factor: g.where(unsafe, b, one) };
}

/** ⌊a/b⌋: exact in integers, where the truncated quotient is one too large for a remainder against the divisor's sign. */
export function floorDivide(g: GraphBuilder, a: Value, b: Value): Value {
  if (a.dtype === 'float32') return g.cast(g.unary('Floor', g.binary('Div', a, b)), 'int32');
  const { divisor, factor } = safeDivisor(g, b);
  const quotient = g.binary('Div', a, divisor);
  const zero = g.scalar(0, 'int32');
  const remainder = g.binary('Sub', a, g.binary('Mul', quotient, divisor));
  const opposite = g.binary('Xor', g.compare('Less', a, zero), g.compare('Less', divisor, zero));
  const inexact = g.unary('Not', g.compare('Equal', remainder, zero));
  const floor = g.binary('Sub', quotient, g.cast(g.binary('And', opposite, inexact), 'int32'));
  return factor ? g.binary('Mul', floor, factor) : floor;
}

/** a − b⌊a/b⌋, with the sign of b: the truncated remainder, moved by b where the signs differ; in integers 0 for b = 0. */
export function floorMod(g: GraphBuilder, a: Value, by: Value): Value {
  const b = a.dtype === 'float32' ? by : safeDivisor(g, by).divisor;
  const zero = g.scalar(0, a.dtype);
  const truncated = g.binary('Mod', a, b, { fmod: 1 });
  const opposite = g.binary('Xor', g.compare('Less', a, zero), g.compare('Less', b, zero));
  const moved = g.where(g.compare('Equal', truncated, zero), zero, g.binary('Add', truncated, b));
  // TensorFlow.js has NaN for an infinite b of the other sign: 0·b is NaN there, 0 else.
  const result = a.dtype === 'float32' ? g.binary('Add', moved, g.binary('Mul', b, zero)) : moved;
  return g.where(opposite, result, truncated);
}

/** The angle of (x, y) in (−π, π]: atan(y/x), moved by ±π in the left half-plane; the axes and the infinities by table. */
export function atan2(g: GraphBuilder, y: Value, x: Value): Value {
  const zero = g.scalar(0);
  const pi = g.scalar(Math.PI);
  // 1/−0 = −∞ tells −0 from 0.
  const signBit = (v: Value): Value =>
    g.binary('Or', g.compare('Less', v, zero), g.compare('Less', g.unary('Reciprocal', v), zero));
  const signed = (angle: Value): Value => g.where(signBit(y), g.unary('Neg', angle), angle);
  const right = g.unary('Atan', g.binary('Div', y, x));
  const left = g.binary('Add', right, signed(pi));
  // |atan(y/0)| is π/2, and NaN where y is.
  const onAxis = g.where(
    g.compare('Equal', y, zero),
    g.where(signBit(x), signed(pi), y),
    signed(g.unary('Abs', right)),
  );
  const plane = g.where(g.compare('Equal', x, zero), onAxis, g.where(g.compare('Less', x, zero), left, right));
  const bothInfinite = g.binary('And', g.test('IsInf', x), g.test('IsInf', y));
  const diagonal = signed(g.where(g.compare('Less', x, zero), g.scalar(0.75 * Math.PI), g.scalar(Math.PI / 4)));
  return g.where(bothInfinite, diagonal, plane);
}
