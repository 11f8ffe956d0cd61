import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../checkpoint/bundled';

let scratch: string;
let cwd: string;
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  scratch = await mkdtemp(join(process.cwd(), '.cache', 'blocks-'));
  await writeFile(join(scratch, 'cli.cjs'), `require.main = module;\n${await bundled("import './src/cli';")}`);
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-blocks-'));
  const sizes = [
    '--train-images=300',
    '--validation-images=50',
    '--latent=2',
    '--hidden=12',
    '--epochs=2',
    '--threads=1',
  ];
  const trained = await run(['train', '--data=synthetic', ...sizes, '--checkpoint=a']).ended;
  expect(trained.code, trained.err).toBe(0);
  await cp(join(cwd, 'a'), join(cwd, 'straight'), { recursive: true });
});
afterAll(async () => {
  for (const folder of [scratch, cwd]) await rm(folder, { recursive: true });
});

function run(args: readonly string[]) {
  const child = spawn(process.execPath, [join(scratch, 'cli.cjs'), ...args], { cwd });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.on('close', (code) => done({ code, ...said })),
  );
  return { child, ended };
}
const evaluate = (folder: string, samples = 1500) =>
  run(['evaluate', `--checkpoint=${folder}`, `--samples=${samples}`, '--limit=80', '--threads=1', '--json']);

/** Each block, and the file that holds it: another one where it was written again. */
async function blocks(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(join(cwd, folder), { recursive: true })).filter((name) =>
    /blocks-\w+\/\d+\.json$/.test(name),
  );
  const identity = async (name: string) => {
    const { ino, mtimeMs } = await stat(join(cwd, folder, name));
    return [name, `${ino} ${mtimeMs}`] as const;
  };
  return new Map(await Promise.all(names.map(identity)));
}

describe('scoring that is killed', { timeout: 180_000 }, () => {
  it('goes on from the blocks it has kept, scores nothing twice, and ends with the bits of a scoring in one go', async () => {
    const straight = await evaluate('straight').ended;
    expect(straight.code, straight.err).toBe(0);
    let kills = 0;
    let before = await blocks('a');
    for (;;) {
      const { child, ended } = evaluate('a');
      const seen = before.size;
      const killer = setInterval(async () => {
        if (kills < 2 && (await blocks('a')).size > seen) child.kill('SIGKILL');
      }, 20);
      const end = await ended;
      clearInterval(killer);
      const after = await blocks('a');
      for (const [name, identity] of before) expect(after.get(name), name).toBe(identity);
      expect(after.size).toBeGreaterThan(seen);
      before = after;
      if (end.code === 0) {
        expect(end.out).toBe(straight.out);
        break;
      }
      kills++;
    }
    expect(kills).toBe(2);
    expect([...before.keys()]).toEqual([...(await blocks('straight')).keys()]);
    for (const name of before.keys()) {
      expect(await readFile(join(cwd, 'a', name), 'utf8')).toBe(await readFile(join(cwd, 'straight', name), 'utf8'));
    }
  });

  it('makes a damaged block again, and keeps the scores of other samples apart', async () => {
    const first = await evaluate('a', 5).ended;
    const [damaged = ''] = [...(await blocks('a')).keys()];
    const whole = await readFile(join(cwd, 'a', damaged), 'utf8');
    await writeFile(join(cwd, 'a', damaged), whole.slice(0, 30));
    expect((await evaluate('a', 5).ended).out).toBe(first.out);
    expect((await evaluate('a').ended).out).toBe((await evaluate('straight').ended).out);
    expect(await readFile(join(cwd, 'a', damaged), 'utf8')).toBe(whole);
  });
});
