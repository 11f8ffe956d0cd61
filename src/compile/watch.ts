import { UsageError } from '../errors';
import { tf } from '../tensors';
import type { PackedGroup } from './pack';
import type { Trace } from './trace/traced';

interface Watched {
  readonly optimizer: tf.Optimizer;
  readonly callsPerStep: number;
  /** The settings that are constants of the graph; null for an optimizer fused on the host, which reads its settings at every step. */
  readonly frozen: string | null;
  readonly slots: readonly tf.Variable[];
}

/** Keeps the optimizers' own step counts right, and notices settings that were changed but are frozen in the graph, and slots that were replaced. */
export class OptimizerWatch {
  private readonly watched: readonly Watched[];
  private steps = 0;

  constructor(trace: Trace, packed: readonly PackedGroup[]) {
    const fused = new Set(packed.length > 0 ? [] : trace.fused.map(({ optimizer }) => optimizer));
    this.watched = [...trace.optimizers].map(([optimizer, callsPerStep]) => ({
      optimizer,
      callsPerStep,
      frozen: fused.has(optimizer) ? null : settings(optimizer),
      slots: slotsOf(optimizer),
    }));
  }

  assertUnchanged(): void {
    for (const { optimizer, frozen, slots } of this.watched) {
      const now = slotsOf(optimizer);
      if (now.length !== slots.length || now.some((slot, i) => slot !== slots[i])) {
        throw new UsageError(
          `${optimizer.getClassName()}'s slots were replaced (setWeights) after the step was compiled with them: compile again`,
        );
      }
      if (frozen === null || settings(optimizer) === frozen) continue;
      throw new UsageError(
        `${optimizer.getClassName()}'s settings changed from ${frozen} to ${settings(optimizer)} after the step was compiled with them: ` +
          'compile again (SGD, momentum, Adam and RMSProp on cpu take such changes over)',
      );
    }
  }

  countSteps(steps: number): void {
    this.steps += steps;
  }

  /** Adds the steps since the last call to the optimizers' iteration counts. */
  writeIterations(): void {
    for (const { optimizer, callsPerStep } of this.watched) {
      (optimizer as unknown as { iterations_: number }).iterations_ = optimizer.iterations + this.steps * callsPerStep;
    }
    this.steps = 0;
  }
}

/** The variables in which a tfjs optimizer keeps what it accumulates, whatever its fields are called. */
function slotsOf(optimizer: tf.Optimizer): readonly tf.Variable[] {
  const entries: readonly (Partial<{ variable: unknown }> | null)[] = Object.values(optimizer).flat();
  return entries
    .map((entry) => entry?.variable ?? entry)
    .filter((value): value is tf.Variable => value instanceof tf.Variable);
}

function settings(optimizer: tf.Optimizer): string {
  return JSON.stringify(optimizer.getConfig());
}
