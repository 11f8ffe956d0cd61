import { join } from 'node:path';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { stringify } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../../errors';
import { makeFolderSync, writeAtomicallySync } from '../../../files';
import type { Options } from '../../../sweep/spec';
import type { CommandIo } from '../../io';
import type { Engine, Work } from './engine';
import { listOf, quoted, short } from './shell';

/**
 * An indexed Job, written for somebody to hand over with `kubectl apply`. It is checked against the published schema; no cluster has
 * run it here.
 */
export const KUBERNETES: Engine = {
  async run(work, io) {
    if (work.wait) throw new UsageError('--wait: the Kubernetes engine makes a manifest and asks no cluster');
    writeManifest(work, io);
  },
  script: (work) => manifestOf(work),
  queue: () => null,
  // What runs looks for cancelled.json by itself.
  cancel: () => {},
};

interface KubernetesOptions {
  /** With `gmm-vae` on its path. */
  readonly image: string;
  /** A PersistentVolumeClaim that many pods may write to. */
  readonly claim: string;
  /** Where it is mounted, here as there. Default: the sweep's folder. */
  readonly mount?: string | undefined;
  /** Pods at a time. */
  readonly limit?: number | undefined;
  readonly namespace?: string | undefined;
  readonly memory?: string | undefined;
  /** Failures of one trial before it is given up; those that it records itself count at once. */
  readonly retries: number;
  /** GMM_VAE_DATA in the container. */
  readonly data?: string | undefined;
}

const optionsSchema: z.ZodType<KubernetesOptions> = z.strictObject({
  image: z.string(),
  claim: z.string(),
  mount: z.string().optional(),
  limit: z.int().positive().optional(),
  namespace: z.string().optional(),
  memory: z.string().optional(),
  retries: z.int().nonnegative().default(3),
  data: z.string().optional(),
});

function parsed(options: Options): KubernetesOptions {
  const result = optionsSchema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UsageError(`kubernetes${issue?.path.map((key) => `.${String(key)}`).join('') ?? ''}: ${issue?.message}`);
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
  const { path, hash } = listOf(sweep, trials);
  // Threads are what the bits depend on: so many cores and no more.
  const cpu = Math.max(1, ...trials.map(({ options: { threads } }) => Number(threads)));
  const resources = { cpu, ...(memory !== undefined && { memory }) };
  const task = [
    `id=$(sed -n "$((JOB_COMPLETION_INDEX + 1))p" ${quoted(`${path}.txt`)})`,
    `exec gmm-vae sweep task ${quoted(sweep)} "$id"`,
  ];
  // The published types know every key: a misspelt one does not compile, while the schema lets it pass.
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
          // Evicted, preempted, drained: it has saved, and goes on elsewhere.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          // It diverged, and would again.
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
