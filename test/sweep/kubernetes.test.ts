import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sweepCommand } from './command';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-kubernetes-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const sweep = (...args: string[]) => sweepCommand(cwd, ...args);

const file = (kubernetes: string) =>
  writeFile(
    join(cwd, 's.yaml'),
    `train: {data: synthetic, threads: 2}\ngrid: {prior: [normal, gmm], seed: [1, 2, 3]}\nkubernetes: ${kubernetes}\n`,
  );
const run = (...more: string[]) => sweep('run', 's.yaml', '--output', 'a', '--engine', 'kubernetes', ...more);
type Manifest = ConstructorParameters<typeof Job>[0] & { spec: NonNullable<Job['spec']> };
const problems = (manifest: Manifest) => () => new Job(manifest).validate();

describe('the manifest for Kubernetes', () => {
  it('is an indexed Job by the published schema, a pod a trial, with as many cores as threads', async () => {
    await file(`{image: "registry/gmm-vae:1", claim: sweeps, mount: ${cwd}, limit: 4, memory: 2Gi, namespace: lab}`);
    const { code, err } = await run();
    expect(code, err).toBe(0);
    const lists = join(cwd, 'a', 'lists');
    const [yaml = ''] = (await readdir(lists)).filter((name) => name.endsWith('.yaml'));
    expect(err).toMatch(/^kubectl apply -f \S+\.yaml runs 6 trials\n$/);
    const manifest: Manifest = parse(await readFile(join(lists, yaml), 'utf8'));
    expect(problems(manifest)).not.toThrow();
    expect(manifest.spec).toMatchObject({ completionMode: 'Indexed', completions: 6, parallelism: 4 });
    const [container] = manifest.spec.template.spec?.containers ?? [];
    expect(container?.volumeMounts).toEqual([{ name: 'sweep', mountPath: cwd }]);
    expect(container?.resources).toEqual({ requests: { cpu: 2, memory: '2Gi' }, limits: { cpu: 2, memory: '2Gi' } });
    // The schema is one that refuses: each of these would be a mistake of ours.
    expect(problems({ ...manifest, spec: { ...manifest.spec, completions: '6' as unknown as number } })).toThrow();
    const nameless = { spec: { containers: [{ image: 'i' }] } } as never;
    expect(problems({ ...manifest, spec: { ...manifest.spec, template: nameless } })).toThrow();

    // What the pod of index 2 does: the shell's own line, with another program in the place of gmm-vae.
    const { execFileSync } = await import('node:child_process');
    const script = (container?.command?.[2] ?? '').replace('exec gmm-vae', 'echo');
    const said = execFileSync('/bin/sh', ['-c', script], { env: { JOB_COMPLETION_INDEX: '2' }, encoding: 'utf8' });
    const [list = ''] = (await readdir(lists)).filter((name) => name.endsWith('.txt'));
    const third = (await readFile(join(lists, list), 'utf8')).split('\n')[2];
    expect(said).toBe(`sweep task ${join(cwd, 'a')} ${third}\n`);
  });

  it.each(['/sweeps', 'sweeps', '.', '/tmp/gmm', '""'])(
    'is refused with the mount %s, in which pods would not find the sweep, before anything is written',
    async (mount) => {
      await file(`{image: i, claim: c, mount: ${mount}}`);
      for (const how of [[], ['--dry-run']]) {
        expect(await run(...how)).toMatchObject({
          code: 2,
          err: expect.stringMatching(/^gmm-vae: kubernetes\.mount: expected the folder of the sweep, \S+a, .*\n$/),
        });
      }
      expect(await readdir(cwd)).toEqual(['s.yaml']);
    },
  );

  it.each(['', '/', '/a', '/a/'])('takes the mount FOLDER%s, in which the sweep lies', async (end) => {
    await file(`{image: i, claim: c, mount: ${cwd}${end}}`);
    expect(await run('--dry-run')).toMatchObject({ code: 0, err: '' });
    await file('{image: i, claim: c, mount: /}');
    expect((await run('--dry-run')).code).toBe(0);
  });

  it('is printed by a dry run, and what it lacks is said in one line before anything is written', async () => {
    await file('{image: i, claim: c}');
    const { out } = await run('--dry-run');
    expect(problems(parse(out.slice(out.indexOf('apiVersion'))))).not.toThrow();
    await file('{image: i}');
    expect(await run()).toMatchObject({ code: 2, err: expect.stringMatching(/^gmm-vae: kubernetes\.claim: .*\n$/) });
    await file('{image: i, claim: c, partition: p}');
    expect(await run()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^gmm-vae: kubernetes: .*partition.*\n$/),
    });
    expect(await readdir(cwd)).toEqual(['s.yaml']);
    await file('{image: i, claim: c}');
    expect(await run('--wait')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--wait: the Kubernetes engine'),
    });
  });
});
