// Draws from xoroshiro128+ (24, 16, 37), bit for bit what src/math/random.ts draws one by one, compiled to WebAssembly by AssemblyScript. Addresses
// are in bytes; `state` holds the generator's two 64-bit words, which are brought up to date.

/** JavaScript's own, so that the tails have its bits. */
declare function log(x: f64): f64;

/** Φ⁻¹ of two numbers as `central` of src/math/normal-quantile.ts has it; right where |q| ≤ 0.425. */
function central(q: v128): v128 {
  const r = f64x2.sub(f64x2.splat(0.180625), f64x2.mul(q, q));
  let a = f64x2.add(f64x2.mul(f64x2.splat(2509.0809287301226727), r), f64x2.splat(33430.575583588128105));
  let b = f64x2.add(f64x2.mul(f64x2.splat(5226.495278852545925), r), f64x2.splat(28729.085735721942674));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(67265.770927008700853));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(39307.89580009271061));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(45921.953931549871457));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(21213.794301586595867));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(13731.693765509461125));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(5394.1960214247511077));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(1971.5909503065514427));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(687.1870074920579083));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(133.14166789178437745));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(42.313330701600911252));
  a = f64x2.add(f64x2.mul(a, r), f64x2.splat(3.387132872796366608));
  b = f64x2.add(f64x2.mul(b, r), f64x2.splat(1));
  return f64x2.mul(q, f64x2.div(a, b));
}

/** Φ⁻¹(p) where |p − ½| > 0.425: `middle` and `far` of src/math/normal-quantile.ts. */
function tail(p: f64): f64 {
  const q = p - 0.5;
  let r = sqrt<f64>(-log(q < 0 ? p : 1 - p));
  let a: f64;
  let b: f64;
  if (r <= 5) {
    r -= 1.6;
    a = 7.7454501427834140764e-4 * r + 0.0227238449892691845833;
    a = a * r + 0.24178072517745061177;
    a = a * r + 1.27045825245236838258;
    a = a * r + 3.64784832476320460504;
    a = a * r + 5.7694972214606914055;
    a = a * r + 4.6303378461565452959;
    a = a * r + 1.42343711074968357734;
    b = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4;
    b = b * r + 0.0151986665636164571966;
    b = b * r + 0.14810397642748007459;
    b = b * r + 0.68976733498510000455;
    b = b * r + 1.6763848301838038494;
    b = b * r + 2.05319162663775882187;
    b = b * r + 1;
  } else {
    r -= 5;
    a = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5;
    a = a * r + 0.0012426609473880784386;
    a = a * r + 0.026532189526576123093;
    a = a * r + 0.29656057182850489123;
    a = a * r + 1.7848265399172913358;
    a = a * r + 5.4637849111641143699;
    a = a * r + 6.6579046435011037772;
    b = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7;
    b = b * r + 1.8463183175100546818e-5;
    b = b * r + 7.868691311456132591e-4;
    b = b * r + 0.0148753612908506148525;
    b = b * r + 0.13692988092273580531;
    b = b * r + 0.59983220655588793769;
    b = b * r + 1;
  }
  const x = a / b;
  return q < 0 ? -x : x;
}

/**
 * Fills `scratch` with `length` uniforms. The state stands in local variables, which stay in registers; of each 32 bits the upper 26 are
 * taken, since the lowest are a linear recurrence.
 */
function uniforms(scratch: usize, length: i32, state: usize): void {
  let s0 = load<u64>(state);
  let s1 = load<u64>(state, 8);
  for (const end = scratch + ((<usize>length) << 3); scratch < end; scratch += 8) {
    const high = (<u64>(<u32>(s0 + s1) >>> 6)) << 26;
    let a = s1 ^ s0;
    s0 = rotl<u64>(s0, 24) ^ a ^ (a << 16);
    s1 = rotl<u64>(a, 37);
    const low = <u64>(<u32>(s0 + s1) >>> 6);
    a = s1 ^ s0;
    s0 = rotl<u64>(s0, 24) ^ a ^ (a << 16);
    s1 = rotl<u64>(a, 37);
    store<f64>(scratch, (<f64>(high + low) + 0.5) * 2.220446049250313e-16);
  }
  store<u64>(state, s0);
  store<u64>(state, s1, 8);
}

/** `length` draws of N(0, 1) as float32. `out` and `scratch`, for as many float64, have room for a multiple of 4. */
export function fillNormal(out: usize, length: i32, state: usize, scratch: usize): void {
  uniforms(scratch, length, state);
  const half = f64x2.splat(0.5);
  const rounded = (length + 3) & ~3;
  for (let i: usize = 0; i < <usize>rounded; i += 4) {
    const at = scratch + (i << 3);
    const low = f32x4.demote_f64x2_zero(central(f64x2.sub(v128.load(at), half)));
    const high = f32x4.demote_f64x2_zero(central(f64x2.sub(v128.load(at, 16), half)));
    v128.store(out + (i << 2), v128.shuffle<i64>(low, high, 0, 2));
  }
  for (let i: usize = 0; i < <usize>length; i++) {
    const p = load<f64>(scratch + (i << 3));
    if (abs<f64>(p - 0.5) > 0.425) store<f32>(out + (i << 2), <f32>tail(p));
  }
}

/**
 * Turns `length` bytes into float32 draws of Bernoulli(byte/255). Black and white consume no uniform. `length` is a multiple of 8: bytes that fill
 * it up are 0.
 */
export function binarise(bytes: usize, out: usize, length: i32, state: usize): void {
  let s0 = load<u64>(state);
  let s1 = load<u64>(state, 8);
  memory.fill(out, 0, (<usize>length) << 2);
  const end = bytes + <usize>length;
  for (; bytes < end; bytes += 8, out += 32) {
    let eight = load<u64>(bytes);
    for (let at = out; eight !== 0; eight >>>= 8, at += 4) {
      const byte = <u32>(eight & 255);
      if (byte === 0) continue;
      let one = byte === 255;
      if (!one) {
        const high = (<u64>(<u32>(s0 + s1) >>> 6)) << 26;
        let a = s1 ^ s0;
        s0 = rotl<u64>(s0, 24) ^ a ^ (a << 16);
        s1 = rotl<u64>(a, 37);
        const low = <u64>(<u32>(s0 + s1) >>> 6);
        a = s1 ^ s0;
        s0 = rotl<u64>(s0, 24) ^ a ^ (a << 16);
        s1 = rotl<u64>(a, 37);
        // The probability is a float32, as intensities are.
        one = (<f64>(high + low) + 0.5) * 2.220446049250313e-16 < <f64>(<f32>byte / 255);
      }
      store<f32>(at, one ? 1 : 0);
    }
  }
  store<u64>(state, s0);
  store<u64>(state, s1, 8);
}
