import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { build } from 'esbuild';

/** A TypeScript program of this repository as one script, for processes that are killed, interrupted or run side by side. */
export async function bundled(contents: string): Promise<string> {
  const built = await build({
    stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  return built.outputFiles[0]?.text as string;
}

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Exit code or signal, and all that was said. */
  readonly ended: Promise<{ code: number | string | null; out: string; err: string }>;
}

export function start(
  program: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  command: readonly [string, ...string[]] = [process.execPath],
): Child {
  const [file, ...first] = command;
  const child = spawn(file, [...first, '-', ...args], { env: { ...process.env, ...env } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  child.stdin.end(program);
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? signal, ...said }));
  });
  return { process: child, ended };
}

/** When the child has said something that matches. */
export async function said(child: Child, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.process[stream].on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
    void child.ended.then(({ err }) => reject(new Error(`ended without saying ${pattern}: ${err}`)));
  });
}
