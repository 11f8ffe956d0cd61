import { Readable, Writable } from 'node:stream';
import { main } from '../../src/cli';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `gmm-vae sweep …` in this process. Trials are no part of it: the local engine runs them as processes. */
export const sweepCommand = (cwd: string, ...args: string[]): Promise<Said> => sweepWith({}, cwd, args);

/** The same, with an environment, which its trials have too. */
export async function sweepWith(env: NodeJS.ProcessEnv, cwd: string, args: readonly string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const into = (key: 'out' | 'err') => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      said[key] += chunk.toString();
      done();
    };
    return new Writable({ write });
  };
  const code = await main(['sweep', ...args], {
    stdin: Readable.from([]),
    stdout: into('out'),
    stderr: into('err'),
    env,
    cwd,
    now: Date.now,
    signal: new AbortController().signal,
  });
  return { code, ...said };
}
