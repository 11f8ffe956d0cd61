import { execFile } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

const LONGEST_PROBLEM = 200;

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** First line that says what went wrong. */
  readonly problem: string;
}

/** Runs a program for at most `timeoutMs`; a program that is not there is an outcome, not an error. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly timeoutMs: number },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { env, timeoutMs: timeout } = options;
    execFile(file, [...args], { env: { ...env }, timeout, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const lines = stripVTControlCharacters(`${stderr}\n${error?.message ?? ''}`).split('\n');
      const first = lines.find((line) => line.trim() !== '') ?? '';
      // A library that cannot be loaded says the reason last, behind where in its sources it noticed.
      const reason = first.split(' with error: ').at(-1) ?? first;
      const problem = error?.killed ? `no answer within ${timeout / 1000} s` : reason.slice(0, LONGEST_PROBLEM);
      resolve({ ok: !error, stdout, problem });
    });
  });
}
