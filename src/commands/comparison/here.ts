import type { CommandIo } from '../io';
import type { Engine } from '../sweep/engines/engine';
import { attemptAt } from '../sweep/task';

/** Runs trials in this process, one after the other on all threads, and shows the progress of each. */
export const HERE: Engine = {
  async run({ sweep, trials }, io) {
    for (const [i, trial] of trials.entries()) {
      if (io.signal.aborted) return;
      io.stderr.write(`${i + 1} of ${trials.length}: ${trial.id}\n`);
      await attemptAt(sweep, trial, new AbortController(), quietly(io));
    }
  },
  script: () => '',
  queue: () => null,
  // A running trial looks for cancelled.json by itself.
  cancel: () => {},
};

/** What the trials have come to decides how the command ends, not the last of them. */
const quietly = (io: CommandIo): CommandIo => ({ ...io, exit: () => {} });
