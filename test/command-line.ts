import { Readable, Writable } from 'node:stream';
import { main } from '../src/cli';
import type { CommandIo } from '../src/commands/io';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Runs one command line in this process with streams of its own, as a shell would see it. */
export async function gmmVae(
  args: readonly string[],
  {
    stdin = '',
    ...io
  }: { stdin?: string | Uint8Array } & Partial<Pick<CommandIo, 'env' | 'cwd' | 'now' | 'signal'>> = {},
): Promise<CommandResult> {
  const stdout = collector();
  const stderr = collector();
  const code = await main(args, {
    env: {},
    cwd: process.cwd(),
    now: Date.now,
    signal: new AbortController().signal,
    ...io,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
