import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundled } from '../vae/checkpoint/bundled';

const SCRIPT = 'test/slurm/cluster.sh';
/** So small that an epoch takes some 30 ms. */
export const TRAIN = 'data: synthetic, train-images: 300, validation-images: 50, latent: 2, hidden: [12]';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A Slurm of two nodes, and a folder that both share. */
export class Cluster {
  private constructor(
    readonly cwd: string,
    private readonly scratch: string,
    private readonly port: number,
  ) {}

  /**
   * @param port the first of three, so that two clusters can run side by side
   * @param prepare makes what the nodes are to find: they have their own mounts from then on
   */
  static async up(port: number, prepare: (cwd: string) => void = () => {}): Promise<Cluster> {
    await mkdir('.cache', { recursive: true });
    const scratch = mkdtempSync(join(process.cwd(), '.cache', 'slurm-'));
    writeFileSync(join(scratch, 'cli.cjs'), `require.main = module;\n${await bundled("import './src/cli';")}`);
    const cwd = mkdtempSync(join(tmpdir(), 'gmm-vae-slurm-'));
    chmodSync(cwd, 0o755); // munged refuses a socket that not everybody can reach.
    prepare(cwd);
    const cluster = new Cluster(cwd, scratch, port);
    cluster.script('up');
    return cluster;
  }

  down(): void {
    this.script('down');
    for (const folder of [this.scratch, this.cwd]) rmSync(folder, { recursive: true, force: true });
  }

  /** A verb of cluster.sh. */
  script(verb: string, ...args: string[]): void {
    const [folder, env] = [join(this.cwd, 'cluster'), this.env];
    execFileSync(SCRIPT, [verb, folder, ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, SLURM_TEST_PORT: String(this.port), SLURM_CONF: join(this.cwd, 'cluster', 'slurm.conf') };
  }

  /** A command of Slurm's. */
  slurm(command: string, ...args: string[]): string {
    return execFileSync(command, args, { encoding: 'utf8', env: this.env, cwd: this.cwd });
  }

  /** `gmm-vae sweep …` */
  sweep(...args: string[]): Promise<Ended> {
    const child = spawn(process.execPath, [join(this.scratch, 'cli.cjs'), 'sweep', ...args], {
      cwd: this.cwd,
      env: this.env,
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    return new Promise((done) => child.on('close', (code) => done({ code, ...said })));
  }

  file(name: string, text: string): void {
    writeFileSync(join(this.cwd, name), text);
  }

  ids(folder: string): readonly string[] {
    const trials = join(this.cwd, folder, 'trials');
    return existsSync(trials) ? readdirSync(trials) : [];
  }

  trial(folder: string, id: string): string {
    return join(this.cwd, folder, 'trials', id);
  }

  attempts(folder: string, id: string): readonly string[] {
    const attempts = join(this.trial(folder, id), 'attempts');
    return existsSync(attempts) ? readdirSync(attempts).map((name) => join(attempts, name)) : [];
  }

  /** The furthest step that any attempt has saved; 0 before the first. */
  savedStep(folder: string, id: string): number {
    return Math.max(0, ...this.attempts(folder, id).map(stepOf));
  }

  /** What each trial that is done has come to. */
  results(folder: string): Record<string, { weights: string; metrics: Record<string, number | null> }> {
    const read = (id: string) => JSON.parse(readFileSync(join(this.trial(folder, id), 'result.json'), 'utf8'));
    const done = this.ids(folder).filter((id) => existsSync(join(this.trial(folder, id), 'result.json')));
    return Object.fromEntries(
      done.map((id) => {
        const { weights, metrics } = read(id);
        return [id, { weights, metrics }];
      }),
    );
  }
}

/** What the attempt has saved last; 0 before that. */
export function stepOf(attempt: string): number {
  try {
    return JSON.parse(readFileSync(join(attempt, 'last.json'), 'utf8')).progress.step;
  } catch {
    return 0;
  }
}

/** @throws where it has not come true within the time */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 150): Promise<void> {
  for (let tries = 0; tries < seconds * 20; tries++) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
