import { nth } from '../../nth';
import { optimalAssignment } from './assignment';

/** How well clusters found without labels agree with the labels. */
export interface ClusterAgreement {
  /** The share of images in a cluster that is matched with their class, by the best one-to-one matching. */
  readonly accuracy: number;
  /** I(cluster; class) / ½(H(cluster) + H(class)) in [0, 1]; 0 where either is constant. */
  readonly nmi: number;
}

/** Clusters and labels image by image, counted from 0. */
export function clusterAgreement(clusters: ArrayLike<number>, labels: ArrayLike<number>): ClusterAgreement {
  const n = labels.length;
  const [k, c] = [1 + largest(clusters), 1 + largest(labels)];
  const counts = new Float64Array(k * c);
  for (let i = 0; i < n; i++) {
    const at = nth(clusters, i) * c + nth(labels, i);
    counts[at] = nth(counts, at) + 1;
  }
  let matched = 0;
  optimalAssignment(counts, k, c).forEach((label, cluster) => {
    if (label >= 0) matched += nth(counts, cluster * c + label);
  });
  const ofClusters = Float64Array.from({ length: k }, (_, i) => sum(counts.subarray(i * c, (i + 1) * c)));
  const ofLabels = Float64Array.from({ length: c }, (_, j) => sum(counts.filter((_count, at) => at % c === j)));
  const [hClusters, hLabels] = [entropy(ofClusters, n), entropy(ofLabels, n)];
  const information = hClusters + hLabels - entropy(counts, n);
  const nmi = hClusters === 0 || hLabels === 0 ? 0 : inUnitInterval((2 * information) / (hClusters + hLabels));
  return { accuracy: matched / n, nmi };
}

/** Rounding goes beyond either end. */
function inUnitInterval(x: number): number {
  return Math.min(1, Math.max(0, x));
}

/** The entropy of the frequencies count/total, in nats. */
function entropy(counts: Float64Array, total: number): number {
  return -counts.reduce((h, count) => (count > 0 ? h + (count / total) * Math.log(count / total) : h), 0);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (const value of Array.from(values)) most = Math.max(most, value);
  return most;
}
