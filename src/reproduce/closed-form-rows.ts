import { Normal } from '../distributions/normal';
import { klDivergence } from '../kl/closed-form';
import { derivation } from '../kl/derivation';
import type { DerivationLine } from '../kl/derivation-lines';
import { monteCarloKl } from '../kl/monte-carlo';
import { judged, type ReproduceRow } from './row';

const STANDARD = new Normal(0, 1);
const MEANS = [-2, -0.3, 0, 1.2, 3];
const STDDEVS = [0.2, 0.5, 1, 2.5];
/** The tolerance, relative to the value or to 1, whichever is larger: what adaptive quadrature leaves, with room for the cancellation in (2). */
const TOLERANCE = 1e-11;
const MONTE_CARLO = { q: new Normal(1.2, 0.5), samples: 1_000_000, seed: 3 };

type Statement = Pick<ReproduceRow, 'claim' | 'formula'>;

const ON_GRID = 'checked on 20 pairs (μ, σ), the worst is shown';

/** What each line says, except (3), which is measured by sampling, and (9), which is held against other digits. */
const STATEMENTS: { readonly [Line in Exclude<DerivationLine, '(3)' | '(9)'>]: Statement } = {
  '(1)': {
    claim: `The integral of q ln(q/p), by adaptive quadrature, is the closed form (9); ${ON_GRID}.`,
    formula: String.raw`\mathrm{KL}(q\|p)=\int q(z|x)\,\ln\frac{q(z|x)}{p(z)}\,dz`,
  },
  '(2)': {
    claim: `The same with both normal densities inserted; ${ON_GRID}.`,
    formula: String.raw`=\int\mathcal N(z;\mu,\sigma^2)\,\ln\frac{\mathcal N(z;\mu,\sigma^2)}{\mathcal N(z;0,1)}\,dz`,
  },
  '(4)': {
    claim: `The densities written out, by Gauss–Hermite quadrature; ${ON_GRID}.`,
    formula: String.raw`=\mathbb E\left[\ln\frac{\frac1{\sqrt{2\pi\sigma^2}}\exp\left(-\frac12\left(\frac{Z-\mu}\sigma\right)^2\right)}{\frac1{\sqrt{2\pi}}\exp\left(-\frac12Z^2\right)}\right]`,
  },
  '(5)': {
    claim: `The logarithm of the quotient as a sum of three terms; ${ON_GRID}.`,
    formula: String.raw`=\mathbb E\left[\tfrac12\ln\frac1{\sigma^2}-\tfrac12\left(\frac{Z-\mu}\sigma\right)^2+\tfrac12Z^2\right]`,
  },
  '(6)': {
    claim: `The common factor ½ taken out of the expectation; ${ON_GRID}.`,
    formula: String.raw`=\tfrac12\,\mathbb E\left[\ln\frac1{\sigma^2}-\left(\frac{Z-\mu}\sigma\right)^2+Z^2\right]`,
  },
  '(7)': {
    claim: `The expectation term by term, both moments integrated numerically; ${ON_GRID}.`,
    formula: String.raw`=\tfrac12\left(\ln\frac1{\sigma^2}-\frac{\mathbb E[(Z-\mu)^2]}{\sigma^2}+\mathbb E[Z^2]\right)`,
  },
  '(8)': {
    claim: `Line (7) with its moments by name: variance σ² and second moment μ² + σ²; ${ON_GRID}.`,
    formula: String.raw`=\tfrac12\bigg(\ln\frac1{\sigma^2}-\frac{\overbrace{\mathbb E[(Z-\mu)^2]}^{\sigma^2}}{\sigma^2}+\overbrace{\mathbb E[Z^2]}^{\mu^2+\sigma^2}\bigg)`,
  },
};

/** Equations (1) to (8). */
export function derivationRows(): ReproduceRow[] {
  const grid = MEANS.flatMap((mu) => STDDEVS.map((sigma) => new Normal(mu, sigma)));
  const lines = grid.map((q) => new Map(derivation(q).map(({ line, nats }) => [line, nats])));
  const rows = Object.entries(STATEMENTS).map(([line, statement]) => {
    const candidates = grid.map((q, i) => {
      const expected = klDivergence(q, STANDARD);
      const measured = lines[i]?.get(line as DerivationLine) ?? Number.NaN;
      const tolerance = TOLERANCE * Math.max(1, expected);
      return judged({ equation: line.slice(1, -1), ...statement, measured, expected, tolerance });
    });
    return candidates.find(({ pass }) => !pass) ?? candidates.reduce(worse);
  });
  return [...rows.slice(0, 2), expectationRow(), ...rows.slice(2)];
}

function worse(a: ReproduceRow, b: ReproduceRow): ReproduceRow {
  const excess = ({ measured, expected, tolerance }: ReproduceRow): number => Math.abs(measured - expected) / tolerance;
  return excess(b) > excess(a) ? b : a;
}

/** Equation (3): an expectation is what the average of draws tends to. */
function expectationRow(): ReproduceRow {
  const { q, ...options } = MONTE_CARLO;
  const { value, standardError } = monteCarloKl(q, STANDARD, options);
  return judged({
    equation: '3',
    claim: 'The mean of ln q/p over 1,000,000 draws from q = N(1.2, 0.5²) is within 4 standard errors of (9).',
    formula: String.raw`=\mathbb E_{q}\left[\ln\frac{\mathcal N(Z;\mu,\sigma^2)}{\mathcal N(Z;0,1)}\right]`,
    measured: value,
    expected: klDivergence(q, STANDARD),
    tolerance: 4 * (standardError ?? 0),
  });
}

/** ½(−ln σ² − 1 + μ² + σ²) of the floats μ and σ in 40-digit arithmetic (mpmath), rounded to a float at the end. */
const FORTY_DIGITS = [
  { mu: 1.2, sigma: 0.5, nats: 1.0381471805599451 },
  { mu: 1000, sigma: 1e-8, nats: 500017.92068074393 },
  { mu: 0, sigma: 1.0000001, nats: 9.999999678344034e-15 },
  { mu: 1e-8, sigma: 1, nats: 5.0000000000000005e-17 },
];

/** Equation (9), at the pair of (μ, σ) where its relative error is largest. */
export function closedFormRow(): ReproduceRow {
  const rows = FORTY_DIGITS.map(({ mu, sigma, nats }) =>
    judged({
      equation: '9',
      claim:
        'The closed form agrees with 40-digit arithmetic to 1e-9 of its value, also at μ = 1000, σ = 1e-8 and at q ≈ p.',
      formula: String.raw`=\tfrac12\left(-\ln\sigma^2-1+\mu^2+\sigma^2\right)`,
      measured: klDivergence(new Normal(mu, sigma), STANDARD),
      expected: nats,
      tolerance: 1e-9 * nats,
    }),
  );
  return rows.find(({ pass }) => !pass) ?? rows.reduce(worse);
}
