import type { Trial } from '../../../sweep/folder';
import type { Options } from '../../../sweep/spec';
import type { CommandIo } from '../../io';

/** The trials to run, and how. */
export interface Work {
  readonly sweep: string;
  readonly trials: readonly Trial[];
  /** The engine's section of the file. */
  readonly options: Options;
  /** How many trials to run at a time on this machine. */
  readonly jobs?: number | undefined;
  /** Whether to wait until all have ended. */
  readonly wait: boolean;
}

/** A task in a queue. */
export interface Queued {
  readonly id: string;
  /** The queue's name for it. */
  readonly job: string;
  readonly state: string;
  /** Why the trial does not run. */
  readonly reason: string;
}

/** Runs trials. Each is one call of `gmm-vae sweep task FOLDER ID` on some machine; its outcome is read from the folder. */
export interface Engine {
  run(work: Work, io: CommandIo): Promise<void>;
  /** Returns the script or manifest for a dry run; empty if there is none. */
  script(work: Work): string;
  /** Lists the sweep's tasks in the queue; null if there is no queue or it does not answer. */
  queue(sweep: string): readonly Queued[] | null;
  /** Removes the sweep's tasks from the queue and ends those that run. */
  cancel(sweep: string, io: CommandIo): void;
}

export const ENGINE_NAMES = ['local', 'slurm', 'kubernetes'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
