import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The path of a program in this folder. @param {string} name */
export const beside = (name) => join(dirname(fileURLToPath(import.meta.url)), name);

/**
 * Starts a Python program of this folder, which answers each line with a line of JSON.
 * @param {string} python @param {string} name @param {NodeJS.ProcessEnv} [env]
 */
export function startPython(python, name, env = process.env) {
  const child = spawn(python, [beside(name)], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (/** @type {string} */ line) => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return JSON.parse(value);
  };
  return { ask, close: () => child.stdin.end() };
}
