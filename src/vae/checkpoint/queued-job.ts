import { z } from 'zod';

/** Which run of which job in Slurm's queue a process belongs to. */
export const queuedJobSchema = z.object({
  cluster: z.string(),
  /** Every task of an array has a number of its own. */
  id: z.string(),
  /** How often the job has been put back into the queue. */
  restart: z.number(),
});

type QueuedJob = z.infer<typeof queuedJobSchema>;

/** Undefined outside a queue. */
export function queuedJob(env: NodeJS.ProcessEnv): QueuedJob | undefined {
  const { SLURM_CLUSTER_NAME: cluster = '', SLURM_JOB_ID: id, SLURM_RESTART_COUNT: restart = '0' } = env;
  return id === undefined ? undefined : { cluster, id, restart: Number(restart) };
}

/** Whether a job has ended before: Slurm puts it back into the queue once it has given up the node, wherever that was. */
export function isEarlierRun(then: QueuedJob | undefined, now: QueuedJob | undefined): boolean {
  if (!then || !now || then.cluster !== now.cluster) return false;
  return then.id === now.id && then.restart < now.restart;
}
