import { nth } from '../../nth';
import { optimalAssignment } from './assignment';

/** How well clusters found without labels agree with the labels. */
export interface ClusterAgreement {
  /** The share of images in a cluster that is matched with their class, by the best one-to-one matching. */
  readonly accuracy: number;
  /** I(cluster; class) / ½(H(cluster) + H(class)) in [0, 1]; 0 where either is constant. */
  readonly nmi: number;
}

/** Clusters and labels image by image: whatever numbers name them, only which are equal matters. */
export function clusterAgreement(clusters: ArrayLike<number>, labels: ArrayLike<number>): ClusterAgreement {
  const n = labels.length;
  const [ofCluster, ofLabel] = [ranksOf(clusters), ranksOf(labels)];
  const [k, c] = [ofCluster.size, ofLabel.size];
  const counts = new Float64Array(k * c);
  const ofClusters = new Float64Array(k);
  const ofLabels = new Float64Array(c);
  for (let i = 0; i < n; i++) {
    const [cluster, label] = [ofCluster.get(nth(clusters, i)) as number, ofLabel.get(nth(labels, i)) as number];
    count(counts, cluster * c + label);
    count(ofClusters, cluster);
    count(ofLabels, label);
  }
  let matched = 0;
  optimalAssignment(counts, k, c).forEach((label, cluster) => {
    if (label >= 0) matched += nth(counts, cluster * c + label);
  });
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

function count(counts: Float64Array, at: number): void {
  counts[at] = nth(counts, at) + 1;
}

/** The numbers that occur, each with its place among them. */
function ranksOf(values: ArrayLike<number>): ReadonlyMap<number, number> {
  const sorted = [...new Set(Array.from(values))].sort((a, b) => a - b);
  return new Map(sorted.map((value, rank) => [value, rank]));
}
