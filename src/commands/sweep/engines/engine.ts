import type { Trial } from '../../../sweep/folder';
import type { Options } from '../../../sweep/spec';
import type { CommandIo } from '../../io';

/** What is to be run, of which folder. */
export interface Work {
  readonly sweep: string;
  readonly trials: readonly Trial[];
  /** The section of the file that is the engine's own. */
  readonly options: Options;
  /** Trials at a time, where this machine runs them. */
  readonly jobs?: number | undefined;
  /** Come back when all has ended. */
  readonly wait: boolean;
}

/** A task in somebody's queue. */
export interface Queued {
  readonly id: string;
  /** How the queue calls it. */
  readonly job: string;
  readonly state: string;
  /** Why it does not run. */
  readonly reason: string;
}

/** What runs trials. Each is one call of `gmm-vae sweep task FOLDER ID`, wherever; the folder alone says what came of it. */
export interface Engine {
  run(work: Work, io: CommandIo): Promise<void>;
  /** What is handed to somebody else, for a dry run; empty where nothing is. */
  script(work: Work): string;
  /** What of the sweep is in the queue; null where there is no queue, or it does not answer. */
  queue(sweep: string): readonly Queued[] | null;
  /** Takes the sweep out of the queue and ends what runs. */
  cancel(sweep: string, io: CommandIo): void;
}

export const ENGINE_NAMES = ['local', 'slurm', 'kubernetes'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
