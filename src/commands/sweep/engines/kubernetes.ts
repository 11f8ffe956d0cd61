import { isAbsolute, join, posix } from 'node:path';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { stringify } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../../errors';
import { makeFolderSync, writeAtomicallySync } from '../../../files';
import { problemIn } from '../../../schema-problem';
import { instead, type Options } from '../../../sweep/spec';
import type { CommandIo } from '../../io';
import type { Engine, Work } from './engine';
import { listOf, quoted, short } from './shell';

/**
 * Writes an indexed Job, for the user to hand over with `kubectl apply`. Tests check it against the published schema; no cluster has run
 * it.
 */
export const KUBERNETES: Engine = {
  async run(work, io) {
    if (work.wait) throw new UsageError('--wait: the Kubernetes engine makes a manifest and asks no cluster');
    writeManifest(work, io);
  },
  script: (work) => manifestOf(work),
  queue: () => null,
  // A running trial looks for cancelled.json by itself.
  cancel: () => {},
};

interface KubernetesOptions {
  /** An image with `gmm-vae` on its path. */
  readonly image: string;
  /** The name of a PersistentVolumeClaim that many pods can write to. */
  readonly claim: string;
  /** Where the claim is mounted: the sweep's folder or one above it, since pods open it by the path that it has here. Default: that folder. */
  readonly mount?: string | undefined;
  /** How many pods run at a time. */
  readonly limit?: number | undefined;
  readonly namespace?: string | undefined;
  readonly memory?: string | undefined;
  /** How often a trial is retried after a failure that it did not record itself. */
  readonly retries: number;
  /** The value of GMM_VAE_DATA in the container. */
  readonly data?: string | undefined;
}

const text = z.string({ error: instead('text') });
const optionsSchema: z.ZodType<KubernetesOptions> = z.strictObject({
  image: text,
  claim: text,
  mount: text.optional(),
  limit: z
    .int({ error: instead('a positive whole number') })
    .positive()
    .optional(),
  namespace: text.optional(),
  memory: text.optional(),
  retries: z
    .int({ error: instead('a whole number') })
    .nonnegative()
    .default(3),
  data: text.optional(),
});

function parsed(options: Options): KubernetesOptions {
  const result = optionsSchema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const problem = problemIn(result.error, options, 'kubernetes');
  throw new UsageError(issue && issue.path.length > 0 ? `kubernetes.${problem}` : problem);
}

/** A pod whose claim is mounted elsewhere finds no sweep, and fails with all its retries. */
function checkMount(mount: string, sweep: string): void {
  const path = posix.join(mount, '/');
  if (isAbsolute(mount) && `${sweep}/`.startsWith(path)) return;
  const expected = `the folder of the sweep, ${sweep}, or one above it, since pods look for it there`;
  throw new UsageError(`kubernetes.mount: expected ${expected}, got ${mount}; give --output a folder in the mount`);
}

function writeManifest(work: Work, io: CommandIo): void {
  const { sweep, trials } = work;
  for (const name of ['lists', 'logs']) makeFolderSync(join(sweep, name));
  const { path, text } = listOf(sweep, trials);
  writeAtomicallySync(`${path}.txt`, text);
  writeAtomicallySync(`${path}.yaml`, manifestOf(work));
  io.stderr.write(`kubectl apply -f ${path}.yaml runs ${trials.length} trials\n`);
}

function manifestOf({ sweep, trials, options }: Work): string {
  const { image, claim, mount = sweep, limit, namespace, memory, retries, data } = parsed(options);
  checkMount(mount, sweep);
  const { path, hash } = listOf(sweep, trials);
  // One core per thread, since the bits depend on the number of threads.
  const cpu = Math.max(1, ...trials.map(({ options: { threads } }) => Number(threads)));
  const resources = { cpu, ...(memory !== undefined && { memory }) };
  const task = [
    `id=$(sed -n "$((JOB_COMPLETION_INDEX + 1))p" ${quoted(`${path}.txt`)})`,
    `exec gmm-vae sweep task ${quoted(sweep)} "$id"`,
  ];
  // A misspelt key does not compile with the published types, while the schema accepts it.
  const job: IJob = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `gmm-vae-${short(sweep)}-${hash}`, ...(namespace !== undefined && { namespace }) },
    spec: {
      completionMode: 'Indexed',
      completions: trials.length,
      parallelism: Math.min(limit ?? trials.length, trials.length),
      backoffLimitPerIndex: retries,
      podFailurePolicy: {
        rules: [
          // An evicted, preempted or drained pod has saved, and continues elsewhere.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          // A training that diverged would diverge again.
          { action: 'FailIndex', onExitCodes: { containerName: 'trial', operator: 'In', values: [1] } },
        ],
      },
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: 'trial',
              image,
              command: ['/bin/sh', '-c', task.join('\n')],
              ...(data !== undefined && { env: [{ name: 'GMM_VAE_DATA', value: data }] }),
              resources: { requests: resources, limits: resources },
              volumeMounts: [{ name: 'sweep', mountPath: mount }],
            },
          ],
          volumes: [{ name: 'sweep', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
  return stringify(job);
}
