import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { tf } from '../tensors';
import type { RealKind } from './likelihood-kinds';
import type { Likelihood } from './likelihoods';
import { boundedLogVariance, LOG_TWO_PI, logSoftmax } from './tensor-math';

/** Numbers as they are brought to mean 0 and standard deviation 1 for the networks; one of each for every number of a row. */
export interface Standardisation {
  readonly mean: readonly number[];
  readonly stddev: readonly number[];
}

/** Numbers of a row that stand for one choice: 1 for the category that holds, 0 for the others. */
export interface Category {
  readonly start: number;
  readonly size: number;
}

export interface RealOptions {
  readonly standardisation: Standardisation;
  readonly categories: readonly Category[];
  /** Numbers of one place. Default: 1. */
  readonly channels?: number | undefined;
}

/** Degrees of freedom of the Student-t: heavy tails with a finite variance (Lange, Little and Taylor, 1989, found 4 to serve well). */
const DEGREES = 4;
/** ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½ ln(νπ) for ν = 4: Γ(5/2) = ¾√π, Γ(2) = 1. */
const STUDENT_CONSTANT = Math.log(0.75 * Math.sqrt(Math.PI)) - 0.5 * Math.log(DEGREES * Math.PI);

/** ln p of each number, `[…, D]`, given its squared distance from the location in units of the scale, and ln scale². */
type Density = (squares: tf.Tensor, logVariance: tf.Tensor) => tf.Tensor;

const DENSITIES: { readonly [K in RealKind]: Density } = {
  normal: (squares, logVariance) => tf.mul(tf.add(tf.add(squares, logVariance), LOG_TWO_PI), -0.5),
  'student-t': (squares, logVariance) => {
    const tails = tf.mul(tf.log(tf.add(tf.div(squares, DEGREES), 1)), -0.5 * (DEGREES + 1));
    return tf.add(tf.sub(tails, tf.mul(logVariance, 0.5)), STUDENT_CONSTANT);
  },
};

/**
 * p(x|z) of rows of any numbers: each N(l, s²) or Student-t with 4 degrees of freedom, location l and a bounded ln s² from the decoder, both of
 * the standardised number; categories by softmax of their l. Values are densities of the numbers as they were given: standardised ones
 * have ln σ less.
 */
export function realLikelihood(
  kind: RealKind,
  size: number,
  { standardisation, categories, channels = 1 }: RealOptions,
): Likelihood {
  check(size, standardisation, categories);
  const { mean, stddev } = standardisation;
  const inCategory = new Set(
    categories.flatMap(({ start, size: n }) => Array.from({ length: n }, (_, i) => start + i)),
  );
  const counted = Array.from({ length: size }, (_, i) => (inCategory.has(i) ? 0 : 1));
  const logScale = stddev.reduce((sum, s, i) => sum + nth(counted, i) * Math.log(s), 0);
  const standardise = (x: tf.Tensor): tf.Tensor => tf.div(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d([...stddev]));
  return {
    kinds: [channels, channels],
    support: 'real',
    variables: new Map(),
    // Standardised numbers start at their mean, 0.
    start: () => new Float32Array(2 * size),
    standardise,
    logProb: (x, raw) => {
      const [location, rawLogVariance] = tf.split(raw, 2, raw.rank - 1) as [tf.Tensor, tf.Tensor];
      const logVariance = boundedLogVariance(rawLogVariance);
      const squares = tf.mul(tf.square(tf.sub(standardise(x), location)), tf.exp(tf.neg(logVariance)));
      const numbers = tf.sum(tf.mul(DENSITIES[kind](squares, logVariance), tf.tensor1d(counted)), -1);
      const choices = categories.map((category) =>
        tf.sum(tf.mul(part(x, category), logSoftmax(part(location, category))), -1),
      );
      return tf.sub(
        choices.reduce((sum, choice) => tf.add(sum, choice), numbers),
        logScale,
      );
    },
    mean: (raw) => {
      const [location] = tf.split(raw, 2, raw.rank - 1) as [tf.Tensor, tf.Tensor];
      const numbers = tf.add(tf.mul(location, tf.tensor1d([...stddev])), tf.tensor1d([...mean]));
      return pieces(size, categories, numbers, location);
    },
  };
}

/** The numbers of a category, `[…, n]`. */
function part(x: tf.Tensor, { start, size }: Category): tf.Tensor {
  const last = x.rank - 1;
  const begin = Array.from({ length: x.rank }, (_, axis) => (axis === last ? start : 0));
  const sizes = x.shape.map((n, axis) => (axis === last ? size : n));
  return tf.slice(x, begin, sizes);
}

/** Side by side: the numbers, and for categories their probabilities. */
function pieces(size: number, categories: readonly Category[], numbers: tf.Tensor, location: tf.Tensor): tf.Tensor {
  const all: tf.Tensor[] = [];
  let at = 0;
  const upTo = (end: number): void => {
    if (end > at) all.push(part(numbers, { start: at, size: end - at }));
    at = end;
  };
  for (const category of categories.toSorted((a, b) => a.start - b.start)) {
    upTo(category.start);
    all.push(tf.exp(logSoftmax(part(location, category))));
    at = category.start + category.size;
  }
  upTo(size);
  return all.length === 1 ? nth(all, 0) : tf.concat(all, -1);
}

function check(size: number, { mean, stddev }: Standardisation, categories: readonly Category[]): void {
  for (const [name, values] of Object.entries({ mean, stddev })) {
    if (values.length !== size) {
      throw new InvalidArgumentError(`standardisation.${name}`, `expected ${size} numbers, got ${values.length}`);
    }
    const bad = values.findIndex((value) => !Number.isFinite(value) || (name === 'stddev' && value <= 0));
    if (bad >= 0) {
      const expected = name === 'stddev' ? 'a finite number > 0' : 'a finite number';
      throw new InvalidArgumentError(`standardisation.${name}[${bad}]`, `expected ${expected}, got ${values[bad]}`);
    }
  }
  let end = 0;
  for (const { start, size: n } of categories.toSorted((a, b) => a.start - b.start)) {
    if (start < end || n < 1 || start + n > size) {
      throw new InvalidArgumentError('categories', `expected ranges within ${size} numbers that do not overlap`);
    }
    end = start + n;
  }
}
