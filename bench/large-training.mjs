// One epoch of training on a .npy file, in one go and killed and resumed: peak memory of each process, and whether both end with the same bits.
// After `npm run build` and `node bench/large-npy.mjs four.npy`: node bench/large-training.mjs four.npy [kill at step]
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const [path, at = '4000'] = process.argv.slice(2);
if (path === undefined) throw new Error('expected the path of a .npy file');
const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-large-'));
const OPTIONS =
  '--hidden 16 --network dense --latent 2 --prior normal --epochs 1 --batch-size 500 --threads 1 --checkpoint-every 500';

/** @param {string} name @param {readonly string[]} more @param {(pid: number) => void} [meanwhile] */
function train(name, more, meanwhile) {
  const command = [CLI, 'train', '--data', path, ...OPTIONS.split(' '), '--checkpoint', join(folder, name), ...more];
  return new Promise((resolve) => {
    let said = '';
    const started = performance.now();
    // GNU time's %M is the largest resident set, in KiB.
    const child = spawn('/usr/bin/time', ['-f', 'peak %M user %U system %S', process.execPath, ...command], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    child.stderr.on('data', (chunk) => (said += chunk));
    if (meanwhile && child.pid) meanwhile(child.pid);
    child.on('close', () => {
      const [, peak, user, system] = /peak (\d+) user ([\d.]+) system ([\d.]+)/.exec(said) ?? [said];
      const seconds = (performance.now() - started) / 1000;
      console.log(
        `${[name, ...more].join(' ')}: ${Math.round(Number(peak) / 976.5625)} MB, ${(Number(user) + Number(system)).toFixed(0)} s of the processor, ${seconds.toFixed(0)} s by the clock`,
      );
      resolve(undefined);
    });
  });
}

/** @param {string} name */
const manifest = (name) => JSON.parse(readFileSync(join(folder, name, 'last.json'), 'utf8'));

/** Kills the training, which is the child of `time`, once a checkpoint has come so far. @param {number} pid */
function killAt(pid) {
  const timer = setInterval(() => {
    let step = 0;
    try {
      step = manifest('killed').progress.step;
    } catch {
      return;
    }
    if (step < Number(at)) return;
    clearInterval(timer);
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).trim();
    console.log(`killed behind step ${step}`);
    process.kill(Number(child), 'SIGKILL');
  }, 200);
}

try {
  await Promise.all([train('whole', []), train('killed', [], killAt).then(() => train('killed', ['--resume']))]);
  const [one, other] = ['whole', 'killed'].map((name) => {
    const { files, progress } = manifest(name);
    const sums = [files.weights, files.optimizer].map((file) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name, file.name)))
        .digest('hex'),
    );
    return JSON.stringify({ step: progress.step, loss: progress.epochs.map((epoch) => epoch.loss), sums });
  });
  console.log(one);
  console.log(one === other ? 'the same bits' : `not the same: ${other}`);
} finally {
  rmSync(folder, { recursive: true });
}
