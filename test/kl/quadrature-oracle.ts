// The oracle of quadratureKl: brute force in one or two dimensions, which shares no code with the library. It knows nothing of
// where ridges cross. It lays thousands of lines through the plane, in axes turned at random, and integrates along each.

/** Weight, mean and a square root A of the covariance, Σ = A·Aᵀ with A = B·diag(s) for a matrix B of small integers. */
export interface OracleComponent {
  readonly weight: number;
  readonly mean: readonly number[];
  readonly B: readonly (readonly number[])[];
  readonly s: readonly number[];
}

export interface OracleOptions {
  /** Panels of ten nodes each across the plane. */
  readonly lines: number;
  /** The angle of the axes. */
  readonly angle: number;
}

const REACH = 8.25;

/** KL(q‖p) in one or two dimensions. */
export function oracleKl(
  q: readonly OracleComponent[],
  p: readonly OracleComponent[],
  options: OracleOptions = { lines: 500, angle: 0.4 },
): number {
  let kl = 0;
  for (const component of q) {
    const of = (m: readonly OracleComponent[]): number =>
      component.mean.length === 1 ? expectation1(component, m) : expectation2(component, m, options);
    kl += component.weight * ((q.length === 1 ? 0 : of(q)) - of(p));
  }
  return kl;
}

// A quadratic −½(τ(x − x*))² + height in one coordinate is [x*, τ, height].
type Quadratic = [centre: number, precisionRoot: number, height: number];

function expectation1(origin: OracleComponent, m: readonly OracleComponent[]): number {
  const scale = origin.B[0]![0]! * origin.s[0]!;
  const line = m.map((c): Quadratic => {
    const s = Math.abs(c.B[0]![0]! * c.s[0]!);
    return [
      (c.mean[0]! - origin.mean[0]!) / scale,
      Math.abs(scale) / s,
      Math.log(c.weight) + Math.log(Math.abs(scale) / s),
    ];
  });
  return alongLine(line, 0, 1e-13);
}

function expectation2(origin: OracleComponent, m: readonly OracleComponent[], { lines, angle }: OracleOptions): number {
  const turn = [
    [Math.cos(angle), -Math.sin(angle)],
    [Math.sin(angle), Math.cos(angle)],
  ];
  const detOrigin = Math.abs(det2(origin.B)) * origin.s[0]! * origin.s[1]!;
  const seen = m.map((c) => {
    // u = diag(1/s) B⁻¹ (B_i diag(s_i) V x + μ_i − μ), the integers multiplied first.
    const det = det2(c.B);
    const adjugate = [
      [c.B[1]![1]!, -c.B[0]![1]!],
      [-c.B[1]![0]!, c.B[0]![0]!],
    ];
    const integers = times(adjugate, origin.B);
    const U = times(
      integers.map((row, i) => row.map((x, j) => ((x / det) * origin.s[j]!) / c.s[i]!)),
      turn,
    );
    const shift = [origin.mean[0]! - c.mean[0]!, origin.mean[1]! - c.mean[1]!];
    const v = adjugate.map((row, i) => (row[0]! * shift[0]! + row[1]! * shift[1]!) / det / c.s[i]!);
    const height = Math.log(c.weight) + Math.log(detOrigin / (Math.abs(det) * c.s[0]! * c.s[1]!));
    return { a: [U[0]![1]!, U[1]![1]!], b: [U[0]![0]!, U[1]![0]!], v, height, tau: Math.hypot(U[0]![1]!, U[1]![1]!) };
  });
  const line = seen.map((): Quadratic => [0, 1, 0]);
  const at = (y: number): number => {
    seen.forEach(({ a, b, v, height, tau }, c) => {
      const beta0 = b[0]! * y + v[0]!;
      const beta1 = b[1]! * y + v[1]!;
      const across = (a[0]! / tau) * beta1 - (a[1]! / tau) * beta0;
      line[c]![0] = -((a[0]! / tau) * beta0 + (a[1]! / tau) * beta1) / tau;
      line[c]![1] = tau;
      line[c]![2] = height - 0.5 * across * across;
    });
    return (Math.exp(-0.5 * y * y) / Math.sqrt(2 * Math.PI)) * alongLine(line, y * y, 1e-11);
  };
  let sum = 0;
  const h = (2 * REACH) / lines;
  for (let i = 0; i < lines; i++) sum += refine(at, -REACH + i * h, -REACH + (i + 1) * h, 1e-9, 12);
  return sum;
}

/** ∫ φ(x) (ln Σ exp(quadratics) + ½(x² + outside)) dx. */
function alongLine(line: readonly Quadratic[], outside: number, tolerance: number): number {
  const points = [-REACH, -4, -2, 0, 2, 4, REACH];
  const mark = (at: number, width: number, multiples: readonly number[]): void => {
    for (const k of multiples) {
      const x = at + k * width;
      if (Math.abs(x) < REACH) points.push(x);
    }
  };
  for (let c = 0; c < line.length; c++) {
    for (let b = 0; b < line.length; b++) markPair(line[c]!, line[b]!, mark);
  }
  points.sort((a, b) => a - b);
  const f = (x: number): number => {
    let largest = -Infinity;
    for (const [centre, root, height] of line) {
      const u = root * (x - centre);
      largest = Math.max(largest, height - 0.5 * u * u);
    }
    let sum = 0;
    for (const [centre, root, height] of line) {
      const u = root * (x - centre);
      const below = height - 0.5 * u * u - largest;
      if (below > -38) sum += Math.exp(below);
    }
    return (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * (largest + Math.log(sum) + 0.5 * (x * x + outside));
  };
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    if (points[i]! > points[i - 1]!) sum += refine(f, points[i - 1]!, points[i]!, tolerance, 40);
  }
  return sum;
}

/** Where c stands out most above b, and where the two are as high as each other. */
function markPair(
  c: Quadratic,
  b: Quadratic,
  mark: (at: number, width: number, multiples: readonly number[]) => void,
): void {
  const [[centreC, rootC, heightC], [centreB, rootB, heightB]] = [c, b];
  if (!(rootC > rootB)) return;
  const curvature = (rootC - rootB) * (rootC + rootB);
  const at = centreC + (rootB * rootB * (centreC - centreB)) / curvature;
  const most = heightC - heightB + (0.5 * (rootC * rootB * (centreC - centreB)) ** 2) / curvature;
  if (most < -40) return;
  const width = 1 / Math.sqrt(curvature);
  if (width < 1) mark(at, width, [-6, -3, 0, 3, 6]);
  const away = width * Math.sqrt(2 * Math.max(0, most));
  const soft = width / Math.max(1, Math.sqrt(2 * Math.max(0, most)));
  if (soft > 0.5) return;
  mark(at - away, soft, [-30, -6, 0, 6, 30]);
  mark(at + away, soft, [-30, -6, 0, 6, 30]);
}

/** Ten-point Gauss–Legendre, halved until the halves agree with the whole to `tolerance` per unit of length, or relatively. */
export function refine(
  f: (x: number) => number,
  a: number,
  b: number,
  tolerance: number,
  depth: number,
  whole = legendre(f, a, b),
): number {
  const middle = 0.5 * (a + b);
  const left = legendre(f, a, middle);
  const right = legendre(f, middle, b);
  const both = left + right;
  const fine = Math.abs(both - whole) <= Math.max(tolerance * (b - a), 1e-13 * Math.abs(both));
  if (fine || depth === 0 || middle <= a || middle >= b) return both;
  return refine(f, a, middle, tolerance, depth - 1, left) + refine(f, middle, b, tolerance, depth - 1, right);
}

const LEGENDRE = [
  [0.1488743389816312, 0.2955242247147529],
  [0.4333953941292472, 0.2692667193099963],
  [0.6794095682990244, 0.219086362515982],
  [0.8650633666889845, 0.1494513491505806],
  [0.9739065285171717, 0.0666713443086881],
] as const;

function legendre(f: (x: number) => number, a: number, b: number): number {
  const half = 0.5 * (b - a);
  const middle = a + half;
  let sum = 0;
  for (const [node, weight] of LEGENDRE) sum += weight * (f(middle - half * node) + f(middle + half * node));
  return half * sum;
}

const det2 = (m: readonly (readonly number[])[]): number => m[0]![0]! * m[1]![1]! - m[0]![1]! * m[1]![0]!;

export function times(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
}
