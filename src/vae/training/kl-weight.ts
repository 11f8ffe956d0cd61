/** How the weight β of the KL term goes over a training. */
export interface KlWeightSchedule {
  /** What it reaches: above 1 for a β-VAE (Higgins et al., 2017). */
  readonly beta: number;
  /** Epochs over which it rises from 0, step by step (Bowman et al., 2016); 0: all of it from the start. */
  readonly warmUpEpochs: number;
  /** Epochs of a cycle: over its first half β rises from 0, over its second half it stays (Fu et al., 2019); 0: no cycles. */
  readonly klCycleEpochs: number;
}

/** The weight in a step, counted from 1. */
export function klWeightAt(step: number, stepsPerEpoch: number, schedule: KlWeightSchedule): number {
  const { beta, warmUpEpochs, klCycleEpochs } = schedule;
  const cycle = klCycleEpochs * stepsPerEpoch;
  if (cycle > 0) return beta * Math.min((2 * (((step - 1) % cycle) + 1)) / cycle, 1);
  const warmUp = warmUpEpochs * stepsPerEpoch;
  return warmUp === 0 ? beta : beta * Math.min(step / warmUp, 1);
}
