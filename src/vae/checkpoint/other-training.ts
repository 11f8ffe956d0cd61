import { UsageError } from '../../errors';
import type { Manifest } from './manifest';

/** What one side of a resumption says that the other does not. */
export interface Difference {
  /** Its place in a manifest: `model.prior.components`. */
  readonly key: string;
  /** As JSON; absent where nothing is said. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A folder holds another training than the one that is to go on. */
export class OtherTrainingError extends UsageError {
  constructor(
    folder: string,
    readonly differences: readonly [Difference, ...Difference[]],
    readonly stored: Manifest,
    readonly asked: Omit<Manifest, 'files' | 'progress'>,
  ) {
    const [{ key, before, after }] = differences;
    super(otherTraining(folder, `${key} ${before ?? 'unset'}, not ${after ?? 'unset'}`));
  }
}

/** The sentence for a training that differs from the one that a folder holds. */
export function otherTraining(folder: string, difference: string): string {
  return `${folder}: its training has ${difference}: resume it with what it was started with, or name another folder`;
}
