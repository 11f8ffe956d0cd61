// One block of points under a Gaussian mixture: log joint densities, responsibilities and the sums that EM's M step needs, as float64
// SIMD passes compiled to WebAssembly by AssemblyScript. Addresses are in bytes. A block holds 64 points, dimension by dimension: coordinate
// j of point n is at `points + (64·j + n)·8`. `terms` has a row of 64 for each component. Nothing here depends on what was computed before,
// so a block gives the same bits on every thread.

/** Bytes of a row: 64 points. */
const ROW: usize = 512;
/** A component that has so few of a block's points, or fewer, takes them one by one. */
const FEW: i32 = 10;

/** terms[k][n] = constant_k − ½ Σ_j ((x_nj − mean_kj)·scale_kj)², for diagonal covariances; scale is 1/σ. Arrays K×d. */
export function diagonalTerms(
  points: usize,
  terms: usize,
  components: i32,
  d: i32,
  constants: usize,
  means: usize,
  scales: usize,
): void {
  const half = f64x2.splat(-0.5);
  for (let k = 0; k < components; k++, terms += ROW, constants += 8) {
    const constant = v128.load_splat<f64>(constants);
    for (let n: usize = 0; n < ROW; n += 64) {
      let a = f64x2.splat(0);
      let b = a;
      let c = a;
      let e = a;
      for (let j: usize = 0, x = points + n; j < (<usize>d) << 3; j += 8, x += ROW) {
        const mean = v128.load_splat<f64>(means + j);
        const scale = v128.load_splat<f64>(scales + j);
        const ua = f64x2.mul(f64x2.sub(v128.load(x), mean), scale);
        const ub = f64x2.mul(f64x2.sub(v128.load(x, 16), mean), scale);
        const uc = f64x2.mul(f64x2.sub(v128.load(x, 32), mean), scale);
        const ue = f64x2.mul(f64x2.sub(v128.load(x, 48), mean), scale);
        a = f64x2.add(a, f64x2.mul(ua, ua));
        b = f64x2.add(b, f64x2.mul(ub, ub));
        c = f64x2.add(c, f64x2.mul(uc, uc));
        e = f64x2.add(e, f64x2.mul(ue, ue));
      }
      v128.store(terms + n, f64x2.add(constant, f64x2.mul(half, a)));
      v128.store(terms + n, f64x2.add(constant, f64x2.mul(half, b)), 16);
      v128.store(terms + n, f64x2.add(constant, f64x2.mul(half, c)), 32);
      v128.store(terms + n, f64x2.add(constant, f64x2.mul(half, e)), 48);
    }
    means += (<usize>d) << 3;
    scales += (<usize>d) << 3;
  }
}

/**
 * Rows of log joint densities for the components that matter to some point of the block, in their order; `alive` (i32) says which they are. A
 * group of eight points gives a component up, with −∞ for its terms, as soon as ceiling_k − ½ Σ_j(so far) is below each one's largest term so far.
 * @param home a component to begin with, best one near the block's points. @param scratch three rows; the first becomes max_k terms[k][n].
 * @returns how many rows there are.
 */
export function diagonalRows(
  points: usize,
  terms: usize,
  alive: usize,
  components: i32,
  d: i32,
  home: i32,
  constants: usize,
  ceilings: usize,
  means: usize,
  scales: usize,
  scratch: usize,
): i32 {
  const size = (<usize>d) << 3;
  const own = scratch + 2 * ROW;
  const at = <usize>home;
  diagonalTerms(points, own, 1, d, constants + (at << 3), means + at * size, scales + at * size);
  memory.copy(scratch, own, ROW);
  let rows = 0;
  for (let k = 0; k < components; k++, constants += 8, ceilings += 8, means += size, scales += size) {
    let matters = true;
    if (k === home) memory.copy(terms, own, ROW);
    else matters = diagonalRow(points, terms, size, constants, ceilings, means, scales, scratch);
    if (!matters) continue;
    store<i32>(alive + ((<usize>rows) << 2), k);
    rows++;
    terms += ROW;
  }
  return rows;
}

/** One component's row; false where every group gave it up. */
function diagonalRow(
  points: usize,
  terms: usize,
  size: usize,
  constants: usize,
  ceilings: usize,
  means: usize,
  scales: usize,
  most: usize,
): bool {
  const constant = v128.load_splat<f64>(constants);
  const ceiling = v128.load_splat<f64>(ceilings);
  let matters = false;
  for (let n: usize = 0; n < ROW; n += 64) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let e = a;
    let open = true;
    for (let j: usize = 0, x = points + n; open && j < size; ) {
      for (const end = min(size, j + 64); j < end; j += 8, x += ROW) {
        const mean = v128.load_splat<f64>(means + j);
        const scale = v128.load_splat<f64>(scales + j);
        const ua = f64x2.mul(f64x2.sub(v128.load(x), mean), scale);
        const ub = f64x2.mul(f64x2.sub(v128.load(x, 16), mean), scale);
        const uc = f64x2.mul(f64x2.sub(v128.load(x, 32), mean), scale);
        const ue = f64x2.mul(f64x2.sub(v128.load(x, 48), mean), scale);
        a = f64x2.add(a, f64x2.mul(ua, ua));
        b = f64x2.add(b, f64x2.mul(ub, ub));
        c = f64x2.add(c, f64x2.mul(uc, uc));
        e = f64x2.add(e, f64x2.mul(ue, ue));
      }
      const near = v128.or(
        v128.or(reaches(ceiling, a, most + n), reaches(ceiling, b, most + n + 16)),
        v128.or(reaches(ceiling, c, most + n + 32), reaches(ceiling, e, most + n + 48)),
      );
      open = v128.any_true(near);
    }
    if (open) {
      matters = true;
      keep(constant, ceiling, a, terms + n, most + n);
      keep(constant, ceiling, b, terms + n + 16, most + n + 16);
      keep(constant, ceiling, c, terms + n + 32, most + n + 32);
      keep(constant, ceiling, e, terms + n + 48, most + n + 48);
    } else for (let i: usize = 0; i < 64; i += 16) v128.store(terms + n + i, f64x2.splat(-Infinity));
  }
  return matters;
}

/** Whether ceiling − ½ square is no less than the largest term so far. */
function reaches(ceiling: v128, square: v128, most: usize): v128 {
  return f64x2.ge(f64x2.sub(ceiling, f64x2.mul(f64x2.splat(0.5), square)), v128.load(most));
}

/** Stores constant − ½ square, or −∞ where the point gives it up, and raises the largest so far. */
function keep(constant: v128, ceiling: v128, square: v128, terms: usize, most: usize): void {
  const half = f64x2.mul(f64x2.splat(0.5), square);
  const largest = v128.load(most);
  const term = f64x2.sub(constant, half);
  v128.store(terms, v128.bitselect(term, f64x2.splat(-Infinity), f64x2.ge(f64x2.sub(ceiling, half), largest)));
  v128.store(most, f64x2.pmax(largest, term));
}

/**
 * `diagonalRows` for full covariances, constant_k − ½ ‖W_k (x_n − mean_k)‖²; W = L⁻¹, lower triangular, LLᵀ = Σ. W_k is packed in tiles of four
 * rows: tile t holds its columns 0 … min(d, 4t + 4) − 1, each as four numbers, with zeros above the diagonal and below row d.
 * @param delta scratch for d rows.
 */
export function fullRows(
  points: usize,
  terms: usize,
  alive: usize,
  components: i32,
  d: i32,
  home: i32,
  constants: usize,
  ceilings: usize,
  means: usize,
  factors: usize,
  scratch: usize,
  delta: usize,
): i32 {
  const size = (<usize>d) << 3;
  const length = factorBytes(d);
  const own = scratch + 2 * ROW;
  const at = <usize>home;
  for (let n: usize = 0; n < ROW; n += 16) v128.store(scratch + n, f64x2.splat(-Infinity));
  fullRow(
    points,
    own,
    d,
    constants + (at << 3),
    ceilings + (at << 3),
    means + at * size,
    factors + at * length,
    scratch,
    delta,
  );
  let rows = 0;
  for (let k = 0; k < components; k++, constants += 8, ceilings += 8, means += size, factors += length) {
    let matters = true;
    if (k === home) memory.copy(terms, own, ROW);
    else matters = fullRow(points, terms, d, constants, ceilings, means, factors, scratch, delta);
    if (!matters) continue;
    store<i32>(alive + ((<usize>rows) << 2), k);
    rows++;
    terms += ROW;
  }
  return rows;
}

/** Bytes of one packed factor. */
function factorBytes(d: i32): usize {
  let columns = 0;
  for (let row = 0; row < d; row += 4) columns += min(d, row + 4);
  return (<usize>columns) << 5;
}

/** One component's row; false where every group of four points gave it up. */
function fullRow(
  points: usize,
  terms: usize,
  d: i32,
  constants: usize,
  ceilings: usize,
  means: usize,
  factor: usize,
  most: usize,
  delta: usize,
): bool {
  const constant = v128.load_splat<f64>(constants);
  const ceiling = v128.load_splat<f64>(ceilings);
  const tiles = (d + 3) >> 2;
  let matters = false;
  subtract(points, delta, d, means);
  for (let n: usize = 0; n < ROW; n += 32) {
    let qa = f64x2.splat(0);
    let qb = qa;
    let open = true;
    let next = factor;
    for (let t = 0; open && t < tiles; t++) {
      let a0 = f64x2.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      const end = next + ((<usize>min(d, 4 * t + 4)) << 5);
      for (let x = delta + n; next < end; next += 32, x += ROW) {
        const xa = v128.load(x);
        const xb = v128.load(x, 16);
        const w0 = v128.load_splat<f64>(next);
        a0 = f64x2.add(a0, f64x2.mul(w0, xa));
        b0 = f64x2.add(b0, f64x2.mul(w0, xb));
        const w1 = v128.load_splat<f64>(next, 8);
        a1 = f64x2.add(a1, f64x2.mul(w1, xa));
        b1 = f64x2.add(b1, f64x2.mul(w1, xb));
        const w2 = v128.load_splat<f64>(next, 16);
        a2 = f64x2.add(a2, f64x2.mul(w2, xa));
        b2 = f64x2.add(b2, f64x2.mul(w2, xb));
        const w3 = v128.load_splat<f64>(next, 24);
        a3 = f64x2.add(a3, f64x2.mul(w3, xa));
        b3 = f64x2.add(b3, f64x2.mul(w3, xb));
      }
      qa = f64x2.add(qa, f64x2.add(f64x2.mul(a0, a0), f64x2.mul(a1, a1)));
      qb = f64x2.add(qb, f64x2.add(f64x2.mul(b0, b0), f64x2.mul(b1, b1)));
      qa = f64x2.add(qa, f64x2.add(f64x2.mul(a2, a2), f64x2.mul(a3, a3)));
      qb = f64x2.add(qb, f64x2.add(f64x2.mul(b2, b2), f64x2.mul(b3, b3)));
      open = v128.any_true(v128.or(reaches(ceiling, qa, most + n), reaches(ceiling, qb, most + n + 16)));
    }
    if (open) {
      matters = true;
      keep(constant, ceiling, qa, terms + n, most + n);
      keep(constant, ceiling, qb, terms + n + 16, most + n + 16);
    } else {
      v128.store(terms + n, f64x2.splat(-Infinity));
      v128.store(terms + n, f64x2.splat(-Infinity), 16);
    }
  }
  return matters;
}

/** delta[j][n] = x_nj − centre_j. */
function subtract(points: usize, delta: usize, d: i32, centre: usize): void {
  for (let j = 0; j < d; j++, centre += 8) {
    const c = v128.load_splat<f64>(centre);
    for (const end = delta + ROW; delta < end; delta += 32, points += 32) {
      v128.store(delta, f64x2.sub(v128.load(points), c));
      v128.store(delta, f64x2.sub(v128.load(points, 16), c), 16);
    }
  }
}

/**
 * Turns rows of log joint densities into weighted responsibilities, terms[k][n] ← w_n exp(t_kn − m_n) / Σ_i exp(t_in − m_n) with m_n = max_k t_kn:
 * they sum to w_n however far away the point is. Returns Σ_n w_n (m_n + ln Σ_i exp(t_in − m_n)), NaN where every density of a point is 0.
 * @param scratch two rows, the first with m.
 */
export function soften(terms: usize, rows: i32, weights: usize, scratch: usize): f64 {
  const sums = scratch + ROW;
  const end = terms + <usize>rows * ROW;
  for (let n: usize = 0; n < ROW; n += 16) v128.store(sums + n, f64x2.splat(0));
  for (let row = terms; row < end; row += ROW) {
    for (let n: usize = 0; n < ROW; n += 16) {
      const below = f64x2.sub(v128.load(row + n), v128.load(scratch + n));
      // A comparison that NaN fails, so that NaN goes on to the exponential.
      if (v128.all_true<i64>(f64x2.lt(below, f64x2.splat(-700)))) {
        v128.store(row + n, f64x2.splat(0));
        continue;
      }
      const e = expNonPositive(below);
      v128.store(row + n, e);
      v128.store(sums + n, f64x2.add(v128.load(sums + n), e));
    }
  }
  let total = f64x2.splat(0);
  for (let n: usize = 0; n < ROW; n += 16) {
    const w = v128.load(weights + n);
    const sum = v128.load(sums + n);
    total = f64x2.add(total, f64x2.mul(w, f64x2.add(v128.load(scratch + n), logFromOne(sum))));
    v128.store(sums + n, f64x2.div(w, sum));
  }
  for (let row = terms; row < end; row += ROW) {
    for (let n: usize = 0; n < ROW; n += 16) v128.store(row + n, f64x2.mul(v128.load(row + n), v128.load(sums + n)));
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** terms[k][n] ← w_n for the first of the largest terms of point n, else 0. Returns Σ_n w_n max_k t_kn. @param most row of the largest terms. */
export function harden(terms: usize, rows: i32, weights: usize, most: usize): f64 {
  const end = terms + <usize>rows * ROW;
  let total = f64x2.splat(0);
  for (let n: usize = 0; n < ROW; n += 16) {
    const largest = v128.load(most + n);
    let left = v128.load(weights + n);
    total = f64x2.add(total, f64x2.mul(left, largest));
    for (let row = terms; row < end; row += ROW) {
      const taken = v128.and(left, f64x2.eq(v128.load(row + n), largest));
      v128.store(row + n, taken);
      left = f64x2.sub(left, taken);
    }
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** out[n] = the first component whose term is the largest of point n. @param most row of the largest terms. */
export function label(terms: usize, alive: usize, rows: i32, most: usize, out: usize): void {
  for (let n: usize = 0; n < ROW; n += 8) {
    let row = 0;
    const largest = load<f64>(most + n);
    while (row + 1 < rows && load<f64>(terms + <usize>row * ROW + n) !== largest) row++;
    store<f64>(out + n, <f64>load<i32>(alive + ((<usize>row) << 2)));
  }
}

/**
 * exp(x) for x ≤ 0 within 3e-16 of its value, 0 below −700: 2^k times the series of the remainder, which is below ½ ln 2.
 */
function expNonPositive(x: v128): v128 {
  const rounder = f64x2.splat(6755399441055744); // 1.5·2^52: its sum with a number has that number's integer in its lowest bits
  const inRange = f64x2.ge(x, f64x2.splat(-700));
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(Math.LOG2E)), rounder);
  const k = f64x2.sub(shifted, rounder);
  // ln 2 in two parts, the first with so few digits that its products with k are exact (fdlibm's).
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, f64x2.splat(6.9314718036912381649e-1))),
    f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10)),
  );
  // Σ_i rⁱ/i! to i = 13, as even and odd halves of pairs: their sums do not wait for each other.
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const p0 = f64x2.add(f64x2.splat(1), r);
  const p1 = f64x2.add(f64x2.splat(1 / 2.0), f64x2.mul(r, f64x2.splat(1 / 6.0)));
  const p2 = f64x2.add(f64x2.splat(1 / 24.0), f64x2.mul(r, f64x2.splat(1 / 120.0)));
  const p3 = f64x2.add(f64x2.splat(1 / 720.0), f64x2.mul(r, f64x2.splat(1 / 5040.0)));
  const p4 = f64x2.add(f64x2.splat(1 / 40320.0), f64x2.mul(r, f64x2.splat(1 / 362880.0)));
  const p5 = f64x2.add(f64x2.splat(1 / 3628800.0), f64x2.mul(r, f64x2.splat(1 / 39916800.0)));
  const p6 = f64x2.add(f64x2.splat(1 / 479001600.0), f64x2.mul(r, f64x2.splat(1 / 6227020800.0)));
  const high = f64x2.add(f64x2.add(p4, f64x2.mul(r2, p5)), f64x2.mul(r4, p6));
  const middle = f64x2.add(f64x2.add(p2, f64x2.mul(r2, p3)), f64x2.mul(r4, high));
  const series = f64x2.add(p0, f64x2.add(f64x2.mul(r2, p1), f64x2.mul(r4, middle)));
  return v128.and(inRange, i64x2.add(series, i64x2.shl(shifted, 52)));
}

/** ln x for finite x ≥ 1, within 3e-16 of max(1, its value): e ln 2 + 2 artanh((m − 1)/(m + 1)), x = m·2^e, ½√2 ≤ m < √2. */
function logFromOne(x: v128): v128 {
  const one = f64x2.splat(1);
  // Moves the exponent up by one from √2 on.
  const carried = i64x2.add(x, i64x2.splat(0x00095f619980c433));
  const exponent = i64x2.sub(i64x2.shr_u(carried, 52), i64x2.splat(1023));
  const m = i64x2.sub(x, i64x2.shl(exponent, 52));
  const magic = f64x2.splat(6755399441055744);
  const e = f64x2.sub(i64x2.add(magic, exponent), magic);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const s2 = f64x2.mul(s, s);
  let p = f64x2.splat(1 / 23.0);
  p = f64x2.add(f64x2.splat(1 / 21.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 19.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 17.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 15.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 13.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 11.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 9.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 7.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 5.0), f64x2.mul(s2, p));
  p = f64x2.add(f64x2.splat(1 / 3.0), f64x2.mul(s2, p));
  const series = f64x2.mul(f64x2.add(s, s), f64x2.add(one, f64x2.mul(s2, p)));
  return f64x2.add(f64x2.mul(e, f64x2.splat(Math.LN2)), series);
}

/**
 * Adds to the sums of each component that has a row what a block of points with the weighted responsibilities r brings: Σ r, Σ r·δ_j and, by `second`, nothing (0),
 * Σ r·δ_j² (1) or Σ r·δ_i·δ_j (2), where δ = x − centre_k. With differences from a centre near the mean the variance that follows has
 * all its digits.
 * @param sums per component 1 + d numbers, then 0, d or p·p (row-major, of which i ≥ j is filled), p the next multiple of 4.
 * @param delta scratch for 2p rows.
 */
export function accumulate(
  points: usize,
  terms: usize,
  alive: usize,
  rows: i32,
  d: i32,
  centres: usize,
  sums: usize,
  second: i32,
  delta: usize,
): void {
  const p = (d + 3) & ~3;
  const squares = second === 2 ? p * p : second * d;
  if (second === 2) {
    memory.fill(delta + <usize>d * ROW, 0, <usize>(p - d) * ROW);
    memory.fill(delta + <usize>(p + d) * ROW, 0, <usize>(p - d) * ROW);
  }
  const perComponent = (<usize>(1 + d + squares)) << 3;
  for (const end = alive + ((<usize>rows) << 2); alive < end; alive += 4, terms += ROW) {
    const k = <usize>load<i32>(alive);
    const centre = centres + k * ((<usize>d) << 3);
    const first = sums + k * perComponent;
    let count = f64x2.splat(0);
    let held = i64x2.splat(0);
    for (let n: usize = 0; n < ROW; n += 16) {
      const r = v128.load(terms + n);
      count = f64x2.add(count, r);
      held = i64x2.sub(held, f64x2.gt(r, f64x2.splat(0)));
    }
    const points64 = <i32>(i64x2.extract_lane(held, 0) + i64x2.extract_lane(held, 1));
    if (points64 === 0) continue;
    addLanes(first, count);
    if (points64 <= FEW) accumulateFew(points, terms, d, centre, first + 8, second);
    else if (second === 2) accumulateFull(points, terms, d, centre, first + 8, delta);
    else accumulateDiagonal(points, terms, d, centre, first + 8, second);
  }
}

/** The points whose r is not 0, one by one. */
function accumulateFew(points: usize, r: usize, d: i32, centre: usize, first: usize, second: i32): void {
  const end = (<usize>d) << 3;
  const p = (<usize>((d + 3) & ~3)) << 3;
  const squares = first + end;
  for (let n: usize = 0; n < ROW; n += 8) {
    const share = load<f64>(r + n);
    if (!(share > 0)) continue;
    const x = points + n;
    for (let i: usize = 0; i < end; i += 8) {
      const difference = load<f64>(x + (i << 6)) - load<f64>(centre + i);
      const part = share * difference;
      store<f64>(first + i, load<f64>(first + i) + part);
      if (second === 1) store<f64>(squares + i, load<f64>(squares + i) + part * difference);
      else if (second === 2) {
        const row = squares + (i >> 3) * p;
        for (let j: usize = 0; j <= i; j += 8) {
          const other = load<f64>(x + (j << 6)) - load<f64>(centre + j);
          store<f64>(row + j, load<f64>(row + j) + part * other);
        }
      }
    }
  }
}

function accumulateDiagonal(points: usize, r: usize, d: i32, centre: usize, first: usize, second: i32): void {
  const size = (<usize>d) << 3;
  // Two dimensions at a time, so that their sums do not wait for each other; the last one of an odd number alone, twice.
  for (let at: usize = 0; at < size; at += 16) {
    const j = at + 8 < size ? at : size - 16;
    if (size === 8) accumulatePair(points, points, r, centre, centre, first, first, size, second, true);
    else {
      const x = points + (j << 6);
      accumulatePair(x, x + ROW, r, centre + j, centre + j + 8, first + j, first + j + 8, size, second, j !== at);
    }
  }
}

/** @param only whether just the second dimension counts. */
function accumulatePair(
  x: usize,
  y: usize,
  r: usize,
  centreX: usize,
  centreY: usize,
  firstX: usize,
  firstY: usize,
  size: usize,
  second: i32,
  only: bool,
): void {
  const cx = v128.load_splat<f64>(centreX);
  const cy = v128.load_splat<f64>(centreY);
  let xa = f64x2.splat(0);
  let xb = xa;
  let xxa = xa;
  let xxb = xa;
  let ya = xa;
  let yb = xa;
  let yya = xa;
  let yyb = xa;
  for (let n: usize = 0; n < ROW; n += 32) {
    const ra = v128.load(r + n);
    const rb = v128.load(r + n, 16);
    const ua = f64x2.sub(v128.load(x + n), cx);
    const ub = f64x2.sub(v128.load(x + n, 16), cx);
    const va = f64x2.sub(v128.load(y + n), cy);
    const vb = f64x2.sub(v128.load(y + n, 16), cy);
    const rua = f64x2.mul(ra, ua);
    const rub = f64x2.mul(rb, ub);
    const rva = f64x2.mul(ra, va);
    const rvb = f64x2.mul(rb, vb);
    xa = f64x2.add(xa, rua);
    xb = f64x2.add(xb, rub);
    ya = f64x2.add(ya, rva);
    yb = f64x2.add(yb, rvb);
    xxa = f64x2.add(xxa, f64x2.mul(rua, ua));
    xxb = f64x2.add(xxb, f64x2.mul(rub, ub));
    yya = f64x2.add(yya, f64x2.mul(rva, va));
    yyb = f64x2.add(yyb, f64x2.mul(rvb, vb));
  }
  if (!only) {
    addLanes(firstX, f64x2.add(xa, xb));
    if (second === 1) addLanes(firstX + size, f64x2.add(xxa, xxb));
  }
  addLanes(firstY, f64x2.add(ya, yb));
  if (second === 1) addLanes(firstY + size, f64x2.add(yya, yyb));
}

function accumulateFull(points: usize, r: usize, d: i32, centre: usize, first: usize, delta: usize): void {
  const p = <usize>((d + 3) & ~3);
  const weighted = delta + p * ROW;
  subtract(points, delta, d, centre);
  for (let j: usize = 0; j < <usize>d; j++) {
    const row = delta + j * ROW;
    const out = weighted + j * ROW;
    let a = f64x2.splat(0);
    let b = a;
    for (let n: usize = 0; n < ROW; n += 32) {
      const ra = f64x2.mul(v128.load(row + n), v128.load(r + n));
      const rb = f64x2.mul(v128.load(row + n, 16), v128.load(r + n, 16));
      v128.store(out + n, ra);
      v128.store(out + n, rb, 16);
      a = f64x2.add(a, ra);
      b = f64x2.add(b, rb);
    }
    addLanes(first + (j << 3), f64x2.add(a, b));
  }
  const squares = first + ((<usize>d) << 3);
  for (let i: usize = 0; i < p; i += 4) {
    for (let j: usize = 0; j < i + 4; j += 2)
      tile(weighted + i * ROW, delta + j * ROW, squares + ((i * p + j) << 3), p << 3);
  }
}

/** Adds the 4×2 products of four rows of `u` with two of `v`, each summed over the points. */
function tile(u: usize, v: usize, out: usize, stride: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (const end = u + ROW; u < end; u += 16, v += 16) {
    const va = v128.load(v);
    const vb = v128.load(v, 512);
    const u0 = v128.load(u);
    a0 = f64x2.add(a0, f64x2.mul(u0, va));
    b0 = f64x2.add(b0, f64x2.mul(u0, vb));
    const u1 = v128.load(u, 512);
    a1 = f64x2.add(a1, f64x2.mul(u1, va));
    b1 = f64x2.add(b1, f64x2.mul(u1, vb));
    const u2 = v128.load(u, 1024);
    a2 = f64x2.add(a2, f64x2.mul(u2, va));
    b2 = f64x2.add(b2, f64x2.mul(u2, vb));
    const u3 = v128.load(u, 1536);
    a3 = f64x2.add(a3, f64x2.mul(u3, va));
    b3 = f64x2.add(b3, f64x2.mul(u3, vb));
  }
  addPairs(out, a0, b0);
  addPairs(out + stride, a1, b1);
  addPairs(out + 2 * stride, a2, b2);
  addPairs(out + 3 * stride, a3, b3);
}

/** Adds the sum of a's lanes, and of b's, to two numbers in a row. */
function addPairs(out: usize, a: v128, b: v128): void {
  const sum = f64x2.add(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3));
  v128.store(out, f64x2.add(v128.load(out), sum));
}

function addLanes(out: usize, a: v128): void {
  store<f64>(out, load<f64>(out) + f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1));
}
