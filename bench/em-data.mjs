import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import library from '../dist/index.js';

const { RandomStream } = library;

/**
 * @typedef {{ readonly name: string, readonly d: number, readonly points: Float64Array, readonly components: number,
 *   readonly covariance: 'full' | 'tied' | 'diagonal' | 'spherical' }} DataSet rows of d numbers
 */

/** K clusters of N(0, spread²) centres and standard deviations ½ … 1½. @param {number} n @param {number} d @param {number} k @param {number} spread */
export function clusters(n, d, k, spread, seed = 1) {
  const stream = RandomStream.of(seed, 'bench/em/clusters');
  const means = Float64Array.from({ length: k * d }, () => spread * stream.normal());
  const stddevs = Float64Array.from({ length: k * d }, () => 0.5 + stream.uniform());
  return rows(n, d, (point) => {
    const at = d * stream.integer(k);
    for (let j = 0; j < d; j++) point[j] = means[at + j] + stddevs[at + j] * stream.normal();
  });
}

/** @param {number} n @param {number} d @param {(point: Float64Array, index: number) => void} fill */
function rows(n, d, fill) {
  const points = new Float64Array(n * d);
  for (let i = 0; i < n; i++) fill(points.subarray(i * d, (i + 1) * d), i);
  return points;
}

/** Points at angles along curves, with noise. @param {number} n @param {number} noise @param {(u: number, i: number) => readonly [number, number]} curve */
function curve2d(n, noise, curve, seed = 1) {
  const stream = RandomStream.of(seed, 'bench/em/curves');
  return rows(n, 2, (point, i) => {
    const [x, y] = curve(stream.uniform(), i);
    point[0] = x + noise * stream.normal();
    point[1] = y + noise * stream.normal();
  });
}

const circle = (/** @type {number} */ u, /** @type {number} */ r) =>
  /** @type {const} */ ([r * Math.cos(2 * Math.PI * u), r * Math.sin(2 * Math.PI * u)]);

/** Rows times a d×d matrix. @param {Float64Array} points @param {number} d @param {(i: number, j: number) => number} entry */
function transformed(points, d, entry) {
  return rows(points.length / d, d, (point, n) => {
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) point[i] += entry(i, j) * points[n * d + j];
  });
}

/** Two-dimensional normals of the given sizes. @param {readonly { n: number, mean: readonly number[], stddev: number }[]} parts */
function parts2d(parts) {
  const stream = RandomStream.of(1, 'bench/em/parts');
  const all = parts.flatMap(({ n, mean, stddev }) => Array.from({ length: n }, () => ({ mean, stddev })));
  return rows(all.length, 2, (point, i) => {
    for (let j = 0; j < 2; j++) point[j] = all[i].mean[j] + all[i].stddev * stream.normal();
  });
}

/** Long-tailed: Student's t with 3 degrees of freedom. @param {number} n @param {number} d */
function heavyTails(n, d) {
  const stream = RandomStream.of(1, 'bench/em/tails');
  return rows(n, d, (point) => {
    const chi = Math.hypot(stream.normal(), stream.normal(), stream.normal()) / Math.sqrt(3);
    for (let j = 0; j < d; j++) point[j] = stream.normal() / chi;
  });
}

/** The first principal components of MNIST's first test images, pixels in [0, 1]. @param {string} folder @param {number} n @param {number} d */
function mnistComponents(folder, n, d) {
  const path = ['t10k-images-idx3-ubyte', 't10k-images-idx3-ubyte.gz']
    .map((name) => join(folder, name))
    .find(existsSync);
  if (!path) throw new Error(`no t10k-images-idx3-ubyte in ${folder}`);
  const bytes = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
  const pixels = 784;
  const images = Float64Array.from(bytes.subarray(16, 16 + n * pixels), (byte) => byte / 255);
  const mean = new Float64Array(pixels);
  images.forEach((x, i) => {
    mean[i % pixels] += x / n;
  });
  const centred = images.map((x, i) => x - mean[i % pixels]);
  return projected(centred, pixels, principal(centred, pixels, d), d);
}

/** Orthonormal directions of largest variance by subspace iteration, d rows. @param {Float64Array} x @param {number} size @param {number} d */
function principal(x, size, d) {
  const stream = RandomStream.of(1, 'bench/em/principal');
  let basis = orthonormal(
    Float64Array.from({ length: d * size }, () => stream.normal()),
    size,
    d,
  );
  for (let round = 0; round < 30; round++) {
    const scores = projected(x, size, basis, d);
    const next = new Float64Array(d * size);
    for (let n = 0; n * size < x.length; n++) {
      for (let k = 0; k < d; k++)
        for (let i = 0; i < size; i++) next[k * size + i] += scores[n * d + k] * x[n * size + i];
    }
    basis = orthonormal(next, size, d);
  }
  return basis;
}

/** @param {Float64Array} x @param {number} size @param {Float64Array} basis @param {number} d */
function projected(x, size, basis, d) {
  return rows(x.length / size, d, (point, n) => {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += basis[k * size + i] * x[n * size + i];
      point[k] = sum;
    }
  });
}

/** Gram–Schmidt. @param {Float64Array} basis @param {number} size @param {number} d */
function orthonormal(basis, size, d) {
  for (let k = 0; k < d; k++) {
    const row = basis.subarray(k * size, (k + 1) * size);
    for (let other = 0; other < k; other++) {
      const before = basis.subarray(other * size, (other + 1) * size);
      const along = row.reduce((sum, x, i) => sum + x * before[i], 0);
      for (let i = 0; i < size; i++) row[i] -= along * before[i];
    }
    const length = Math.hypot(...row);
    for (let i = 0; i < size; i++) row[i] /= length;
  }
  return basis;
}

/** The data sets of the comparison of likelihoods. @param {string | undefined} mnist the folder of MNIST's files @returns {Generator<DataSet>} */
export function* dataSets(mnist) {
  const moons = (/** @type {number} */ noise) =>
    curve2d(1500, noise, (u, i) =>
      i % 2 ? [Math.cos(Math.PI * u), Math.sin(Math.PI * u)] : [1 - Math.cos(Math.PI * u), 0.5 - Math.sin(Math.PI * u)],
    );
  const blobs = clusters(1500, 2, 4, 4, 2);
  const shear = transformed(blobs, 2, (i, j) => [0.6, -0.64, -0.41, 0.85][2 * i + j]);
  /** @returns {DataSet} */
  const set = (/** @type {string} */ name, /** @type {number} */ d, points, components, covariance) => ({
    name,
    d,
    points,
    components,
    covariance,
  });
  yield set('moons, noise 0.05', 2, moons(0.05), 8, 'full');
  yield set('moons, noise 0.2', 2, moons(0.2), 6, 'full');
  yield set(
    'two rings',
    2,
    curve2d(1500, 0.05, (u, i) => circle(u, i % 2 ? 1 : 0.5)),
    12,
    'full',
  );
  yield set(
    'three rings',
    2,
    curve2d(1800, 0.1, (u, i) => circle(u, 1 + (i % 3))),
    20,
    'diagonal',
  );
  yield set(
    'spiral',
    2,
    curve2d(1500, 0.1, (u) => circle(2 * u, 0.3 + 3 * u)),
    15,
    'full',
  );
  yield set('anisotropic clusters', 2, shear, 4, 'full');
  yield set('anisotropic, one covariance', 2, shear, 4, 'tied');
  yield set('overlapping clusters', 2, clusters(2000, 2, 5, 1, 3), 5, 'full');
  yield set('overlapping, 8 dimensions', 8, clusters(2000, 8, 6, 0.7, 4), 6, 'diagonal');
  yield set(
    'unbalanced 1:100',
    2,
    parts2d([
      { n: 2000, mean: [0, 0], stddev: 1 },
      { n: 20, mean: [6, 0], stddev: 0.3 },
    ]),
    2,
    'full',
  );
  yield set(
    'unbalanced 1:100, three',
    2,
    parts2d([
      { n: 2000, mean: [0, 0], stddev: 1 },
      { n: 20, mean: [5, 5], stddev: 0.2 },
      { n: 20, mean: [-5, 4], stddev: 0.2 },
    ]),
    3,
    'diagonal',
  );
  yield set(
    'different widths',
    2,
    parts2d([
      { n: 500, mean: [0, 0], stddev: 2 },
      { n: 500, mean: [0, 0], stddev: 0.2 },
      { n: 500, mean: [7, 0], stddev: 0.7 },
    ]),
    3,
    'spherical',
  );
  yield set('40 dimensions, K = 10, far apart', 40, clusters(2000, 40, 10, 3, 5), 10, 'diagonal');
  yield set('40 dimensions, K = 10, full', 40, clusters(3000, 40, 10, 2, 6), 10, 'full');
  yield set('40 dimensions, K = 50', 40, clusters(2500, 40, 50, 3, 7), 50, 'diagonal');
  yield set('a 5×5 lattice', 2, rows(2500, 2, latticePoint()), 25, 'spherical');
  yield set('heavy tails', 4, heavyTails(1500, 4), 4, 'diagonal');
  yield set('a uniform square', 2, uniformSquare(), 9, 'full');
  if (!mnist) return;
  yield set("MNIST's first 20 principal components", 20, mnistComponents(mnist, 3000, 20), 10, 'full');
  yield set("MNIST's first 20, diagonal", 20, mnistComponents(mnist, 3000, 20), 30, 'diagonal');
}

function latticePoint() {
  const stream = RandomStream.of(1, 'bench/em/lattice');
  return (/** @type {Float64Array} */ point, /** @type {number} */ i) => {
    point[0] = (i % 5) + 0.15 * stream.normal();
    point[1] = (Math.floor(i / 5) % 5) + 0.15 * stream.normal();
  };
}

function uniformSquare() {
  const stream = RandomStream.of(1, 'bench/em/uniform');
  return rows(1500, 2, (point) => {
    point[0] = stream.uniform();
    point[1] = stream.uniform();
  });
}
