// ln q(z) − ln p(z) of many points under a mixture of diagonal normals, in float32, as passes compiled to WebAssembly by AssemblyScript. Addresses are
// in bytes. A block holds 16 points, dimension by dimension: coordinate j of point n is at `points + (16·j + n)·4`.

/** Bytes of a row: 16 points. */
const ROW: usize = 64;

/**
 * points[j][n] = μ_j + σ_j ε_nj for 16 rows ε of d numbers, of which row n belongs to image (first + n) mod images: means and deviations are
 * images × d. squares[n] = Σ_j ε_nj².
 */
export function reparameterise(
  noise: usize,
  points: usize,
  squares: usize,
  d: i32,
  means: usize,
  stddevs: usize,
  images: i32,
  first: i32,
): void {
  const width = (<usize>d) << 2;
  let image = first % images;
  for (let n: usize = 0; n < ROW; n += 4) {
    const offset = <usize>image * width;
    let sum: f32 = 0;
    for (let j: usize = 0, to = points + n; j < width; j += 4, to += ROW) {
      const epsilon = load<f32>(noise + j);
      sum += epsilon * epsilon;
      store<f32>(to, load<f32>(means + offset + j) + load<f32>(stddevs + offset + j) * epsilon);
    }
    store<f32>(squares + n, sum);
    noise += width;
    image++;
    if (image === images) image = 0;
  }
}

/**
 * largest[n] = max_k t_kn and sums[n] = Σ_k exp(t_kn − largest_n), where t_kn = constant_k − ½ Σ_j ((z_nj − mean_kj)·scale_kj)²: the difference is
 * squared as it stands, over dimensions first. Means and scales, 1/σ, are K × d; `terms` is scratch for K rows.
 */
export function mixture(
  points: usize,
  terms: usize,
  components: i32,
  d: i32,
  constants: usize,
  means: usize,
  scales: usize,
  largest: usize,
  sums: usize,
): void {
  const half = f32x4.splat(-0.5);
  const width = (<usize>d) << 2;
  // Finite, so that a point at which every density is 0 gets a sum of 0 and not the NaN of −∞ − (−∞).
  let m0 = f32x4.splat(-3.4028234663852886e38);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  const end = terms + <usize>components * ROW;
  for (let row = terms; row < end; row += ROW, constants += 4, means += width, scales += width) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let e = a;
    for (let j: usize = 0, x = points; j < width; j += 4, x += ROW) {
      const mean = v128.load_splat<f32>(means + j);
      const scale = v128.load_splat<f32>(scales + j);
      const ua = f32x4.mul(f32x4.sub(v128.load(x), mean), scale);
      const ub = f32x4.mul(f32x4.sub(v128.load(x, 16), mean), scale);
      const uc = f32x4.mul(f32x4.sub(v128.load(x, 32), mean), scale);
      const ue = f32x4.mul(f32x4.sub(v128.load(x, 48), mean), scale);
      a = f32x4.add(a, f32x4.mul(ua, ua));
      b = f32x4.add(b, f32x4.mul(ub, ub));
      c = f32x4.add(c, f32x4.mul(uc, uc));
      e = f32x4.add(e, f32x4.mul(ue, ue));
    }
    const constant = v128.load_splat<f32>(constants);
    a = f32x4.add(constant, f32x4.mul(half, a));
    b = f32x4.add(constant, f32x4.mul(half, b));
    c = f32x4.add(constant, f32x4.mul(half, c));
    e = f32x4.add(constant, f32x4.mul(half, e));
    v128.store(row, a);
    v128.store(row, b, 16);
    v128.store(row, c, 32);
    v128.store(row, e, 48);
    m0 = f32x4.pmax(m0, a);
    m1 = f32x4.pmax(m1, b);
    m2 = f32x4.pmax(m2, c);
    m3 = f32x4.pmax(m3, e);
  }
  v128.store(largest, m0);
  v128.store(largest, m1, 16);
  v128.store(largest, m2, 32);
  v128.store(largest, m3, 48);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let row = terms; row < end; row += ROW) {
    s0 = f32x4.add(s0, expNonPositive(f32x4.sub(v128.load(row), m0)));
    s1 = f32x4.add(s1, expNonPositive(f32x4.sub(v128.load(row, 16), m1)));
    s2 = f32x4.add(s2, expNonPositive(f32x4.sub(v128.load(row, 32), m2)));
    s3 = f32x4.add(s3, expNonPositive(f32x4.sub(v128.load(row, 48), m3)));
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}

/** exp(x) for x ≤ 0 to 2e-7 of its value, 0 below −87: 2^k times the series of the remainder, which is below ½ ln 2. NaN stays NaN. */
function expNonPositive(x: v128): v128 {
  const rounder = f32x4.splat(12582912); // 1.5·2^23: its sum with a number has that number's integer in its lowest bits
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(<f32>Math.LOG2E)), rounder);
  const k = f32x4.sub(shifted, rounder);
  // ln 2 in two parts, the first with so few digits that its products with k are exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375))), f32x4.mul(k, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.add(f32x4.splat(1 / 120.0), f32x4.mul(r, f32x4.splat(1 / 720.0)));
  p = f32x4.add(f32x4.splat(1 / 24.0), f32x4.mul(r, p));
  p = f32x4.add(f32x4.splat(1 / 6.0), f32x4.mul(r, p));
  p = f32x4.add(f32x4.splat(0.5), f32x4.mul(r, p));
  p = f32x4.add(f32x4.splat(1), f32x4.mul(r, p));
  p = f32x4.add(f32x4.splat(1), f32x4.mul(r, p));
  const scaled = f32x4.mul(p, i32x4.add(i32x4.shl(shifted, 23), f32x4.splat(1)));
  return v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87)));
}
