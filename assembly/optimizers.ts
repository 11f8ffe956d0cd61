// Optimizer updates as single SIMD passes over float32 arrays, compiled to WebAssembly by AssemblyScript.
// Addresses are in bytes; `length` counts floats and is a multiple of 16. Every pass multiplies the gradient by `scale`,
// which is 1 or what clipping by the global norm asks for. Decays are float64, because 1 − 0.9999 of a float32 is wrong by 2e-4 of itself.

/** The smallest normal float32, 2⁻¹²⁶. */
const SMALLEST_NORMAL: f32 = 1.17549435e-38;

/**
 * x, with 0 for what is smaller than any normal float32 (NaN stays NaN). A running mean of gradients that have become 0, as those of a relu
 * that is never active any more, gets there after some 800 steps at β = 0.9 and, by rounding, stays there for good; and processors take many
 * times as long for arithmetic on such numbers. No update of a parameter notices the difference.
 */
function flushed(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(SMALLEST_NORMAL)));
}

/** Σ gᵢ², accumulated in float64. */
export function sumOfSquares(g: usize, length: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = g + ((<usize>length) << 2);
  for (; g < end; g += 16) {
    const x = v128.load(g);
    const a = v128.promote_low<f32>(x);
    const b = v128.promote_low<f32>(v128.shuffle<i64>(x, x, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** p ← p − rate·g. */
export function sgd(p: usize, g: usize, length: i32, rate: f32): void {
  const step = f32x4.splat(rate);
  const end = p + ((<usize>length) << 2);
  for (; p < end; p += 16, g += 16) v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(step, v128.load(g))));
}

/** a ← μa + g, p ← p − rate·a; Nesterov's form moves by g + μa instead. */
export function momentum(
  p: usize,
  g: usize,
  a: usize,
  length: i32,
  rate: f32,
  mu: f32,
  nesterov: i32,
  scale: f32,
): void {
  const step = f32x4.splat(rate);
  const decay = f32x4.splat(mu);
  const clip = f32x4.splat(scale);
  const end = p + ((<usize>length) << 2);
  for (; p < end; p += 16, g += 16, a += 16) {
    const gradient = f32x4.mul(clip, v128.load(g));
    const velocity = flushed(f32x4.add(f32x4.mul(decay, v128.load(a)), gradient));
    v128.store(a, velocity);
    const move = nesterov ? f32x4.add(gradient, f32x4.mul(velocity, decay)) : velocity;
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(step, move)));
  }
}

/**
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p(1 − decay) − rate·m / (√v + ε), where the caller puts the bias corrections into `rate` =
 * η√(1−β₂ᵗ)/(1−β₁ᵗ) and `epsilon` = ε√(1−β₂ᵗ) (Kingma and Ba 2015, end of section 2), which saves a product per element.
 *
 * Without decay and clipping, which is the usual case, sixteen floats a round: all loads and moments first, then four independent chains of
 * root and quotient, whose latency would otherwise be the cost. What limits it then is arithmetic, not memory.
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  length: i32,
  rate: f32,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  decay: f32,
  scale: f32,
): void {
  const step = f32x4.splat(rate);
  const b1 = f32x4.splat(<f32>beta1);
  const b2 = f32x4.splat(<f32>beta2);
  const c1 = f32x4.splat(<f32>(1 - beta1));
  const c2 = f32x4.splat(<f32>(1 - beta2));
  const eps = f32x4.splat(epsilon);
  const end = p + ((<usize>length) << 2);
  if (decay !== 0 || scale !== 1) {
    const keep = f32x4.splat(1 - decay);
    const clip = f32x4.splat(scale);
    for (; p < end; p += 16, g += 16, m += 16, v += 16) {
      const gradient = f32x4.mul(clip, v128.load(g));
      const first = flushed(f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(c1, gradient)));
      const second = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(c2, f32x4.mul(gradient, gradient)));
      v128.store(m, first);
      v128.store(v, second);
      const move = f32x4.div(f32x4.mul(step, first), f32x4.add(f32x4.sqrt(second), eps));
      v128.store(p, f32x4.sub(f32x4.mul(keep, v128.load(p)), move));
    }
    return;
  }
  for (; p < end; p += 64, g += 64, m += 64, v += 64) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const g2 = v128.load(g, 32);
    const g3 = v128.load(g, 48);
    const m0 = flushed(f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(c1, g0)));
    const m1 = flushed(f32x4.add(f32x4.mul(b1, v128.load(m, 16)), f32x4.mul(c1, g1)));
    const m2 = flushed(f32x4.add(f32x4.mul(b1, v128.load(m, 32)), f32x4.mul(c1, g2)));
    const m3 = flushed(f32x4.add(f32x4.mul(b1, v128.load(m, 48)), f32x4.mul(c1, g3)));
    const v0 = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(c2, f32x4.mul(g0, g0)));
    const v1 = f32x4.add(f32x4.mul(b2, v128.load(v, 16)), f32x4.mul(c2, f32x4.mul(g1, g1)));
    const v2 = f32x4.add(f32x4.mul(b2, v128.load(v, 32)), f32x4.mul(c2, f32x4.mul(g2, g2)));
    const v3 = f32x4.add(f32x4.mul(b2, v128.load(v, 48)), f32x4.mul(c2, f32x4.mul(g3, g3)));
    v128.store(m, m0);
    v128.store(m, m1, 16);
    v128.store(m, m2, 32);
    v128.store(m, m3, 48);
    v128.store(v, v0);
    v128.store(v, v1, 16);
    v128.store(v, v2, 32);
    v128.store(v, v3, 48);
    const d0 = f32x4.div(f32x4.mul(step, m0), f32x4.add(f32x4.sqrt(v0), eps));
    const d1 = f32x4.div(f32x4.mul(step, m1), f32x4.add(f32x4.sqrt(v1), eps));
    const d2 = f32x4.div(f32x4.mul(step, m2), f32x4.add(f32x4.sqrt(v2), eps));
    const d3 = f32x4.div(f32x4.mul(step, m3), f32x4.add(f32x4.sqrt(v3), eps));
    v128.store(p, f32x4.sub(v128.load(p), d0));
    v128.store(p, f32x4.sub(v128.load(p, 16), d1), 16);
    v128.store(p, f32x4.sub(v128.load(p, 32), d2), 32);
    v128.store(p, f32x4.sub(v128.load(p, 48), d3), 48);
  }
}

/**
 * s ← ρs + (1−ρ)g², a ← μa + rate·g / √(s + ε), p ← p − a. With `mean` ≠ 0 the centred form: also ḡ ← ρḡ + (1−ρ)g, and the root
 * is √(s − ḡ² − ε), as TensorFlow.js has it.
 */
export function rmsprop(
  p: usize,
  g: usize,
  s: usize,
  a: usize,
  mean: usize,
  length: i32,
  rate: f32,
  rho: f64,
  mu: f32,
  epsilon: f32,
  scale: f32,
): void {
  const step = f32x4.splat(rate);
  const keep = f32x4.splat(<f32>rho);
  const take = f32x4.splat(<f32>(1 - rho));
  const decay = f32x4.splat(mu);
  const eps = f32x4.splat(epsilon);
  const clip = f32x4.splat(scale);
  const centred = mean !== 0;
  const end = p + ((<usize>length) << 2);
  for (; p < end; p += 16, g += 16, s += 16, a += 16) {
    const gradient = f32x4.mul(clip, v128.load(g));
    const square = flushed(f32x4.add(f32x4.mul(keep, v128.load(s)), f32x4.mul(take, f32x4.mul(gradient, gradient))));
    v128.store(s, square);
    let under = f32x4.add(square, eps);
    if (centred) {
      const average = flushed(f32x4.add(f32x4.mul(keep, v128.load(mean)), f32x4.mul(take, gradient)));
      v128.store(mean, average);
      under = f32x4.sub(square, f32x4.add(f32x4.mul(average, average), eps));
      mean += 16;
    }
    const move = flushed(
      f32x4.add(f32x4.mul(decay, v128.load(a)), f32x4.div(f32x4.mul(step, gradient), f32x4.sqrt(under))),
    );
    v128.store(a, move);
    v128.store(p, f32x4.sub(v128.load(p), move));
  }
}
