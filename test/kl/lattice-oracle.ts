// KL of mixtures of wide components in three dimensions with axes of their own, by the trapezoidal rule on lattices: the integrand is
// analytic, so the error falls exponentially with the lattice's step. Two lattices turned against each other tell how far it has come.
import type { OracleComponent } from './quadrature-oracle';

const REACH = 8.25;

/** The value, or null where two lattices do not agree to 1e-10·max(1, KL). */
export function latticeKl(q: readonly OracleComponent[], p: readonly OracleComponent[]): number | null {
  for (const step of [0.3, 0.15, 0.1, 0.075]) {
    const [value, other] = [onLattice(q, p, step, 0.3), onLattice(q, p, step * 0.97, 1.1)];
    if (Math.abs(value - other) < 1e-10 * Math.max(1, value)) return value;
  }
  return null;
}

function onLattice(q: readonly OracleComponent[], p: readonly OracleComponent[], step: number, angle: number): number {
  return q.reduce((sum, own) => {
    const [forQ, forP] = [q, p].map((mixture) => quadratics(own, mixture, angle));
    return sum + own.weight * overLattice(step, (x) => logSum(forQ!, x) - logSum(forP!, x));
  }, 0);
}

/** ln of a component's density over the weight-free density of `own`, as height − ½‖U·x − v‖². */
interface Quadratic {
  readonly U: readonly number[];
  readonly v: readonly number[];
  readonly height: number;
}

function quadratics(own: OracleComponent, mixture: readonly OracleComponent[], angle: number): Quadratic[] {
  const turn = rotation(angle);
  return mixture.map((c) => {
    const inverse = inverse3(c.B);
    const root = own.B.map((row) => row.map((x, k) => x * own.s[k]!));
    const shift = c.mean.map((m, j) => m - own.mean[j]!);
    const U = multiply(
      multiply(inverse, root).map((row, i) => row.map((x) => x / c.s[i]!)),
      turn,
    );
    const v = inverse.map((row, i) => row.reduce((sum, x, k) => sum + x * shift[k]!, 0) / c.s[i]!);
    const volume = Math.abs(det3(own.B) / det3(c.B)) * own.s.reduce((product, x, k) => (product * x) / c.s[k]!, 1);
    return { U: U.flat(), v, height: Math.log(c.weight * volume) };
  });
}

function overLattice(step: number, f: (x: readonly [number, number, number]) => number): number {
  const n = Math.ceil(REACH / step);
  const weights = Array.from({ length: 2 * n + 1 }, (_, i) => Math.exp(-0.5 * ((i - n) * step) ** 2));
  let sum = 0;
  for (let i = -n; i <= n; i++) {
    for (let j = -n; j <= n; j++) {
      if (i * i + j * j > n * n) continue;
      const outer = weights[i + n]! * weights[j + n]!;
      for (let k = -n; k <= n; k++) {
        if (i * i + j * j + k * k <= n * n) sum += outer * weights[k + n]! * f([i * step, j * step, k * step]);
      }
    }
  }
  return (sum * step ** 3) / (2 * Math.PI) ** 1.5;
}

function logSum(all: readonly Quadratic[], [x, y, z]: readonly [number, number, number]): number {
  let largest = -Infinity;
  const terms = all.map(({ U, v, height }) => {
    const a = U[0]! * x + U[1]! * y + U[2]! * z - v[0]!;
    const b = U[3]! * x + U[4]! * y + U[5]! * z - v[1]!;
    const c = U[6]! * x + U[7]! * y + U[8]! * z - v[2]!;
    const term = height - 0.5 * (a * a + b * b + c * c);
    if (term > largest) largest = term;
    return term;
  });
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - largest);
  return largest + Math.log(sum);
}

type Matrix = readonly (readonly number[])[];

function rotation(angle: number): number[][] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const about = [
    [cos, -sin, 0],
    [sin, cos, 0],
    [0, 0, 1],
  ];
  const [tip, fall] = [Math.cos(2.3 * angle), Math.sin(2.3 * angle)];
  return multiply(about, [
    [1, 0, 0],
    [0, tip, -fall],
    [0, fall, tip],
  ]);
}

const multiply = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));

function cofactor(m: Matrix, i: number, j: number): number {
  const [a, b] = [(i + 1) % 3, (i + 2) % 3];
  const [c, e] = [(j + 1) % 3, (j + 2) % 3];
  return m[a]![c]! * m[b]![e]! - m[a]![e]! * m[b]![c]!;
}

const det3 = (m: Matrix): number => m[0]!.reduce((sum, x, j) => sum + x * cofactor(m, 0, j), 0);

const inverse3 = (m: Matrix): number[][] => m.map((_, i) => m.map((_, j) => cofactor(m, j, i) / det3(m)));
