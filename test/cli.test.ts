import { spawnSync } from 'node:child_process';
import { sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/commands/table';
import { packageFile } from '../src/package';
import { gmmVae } from './command-line';

const oneLine = /^gmm-vae: [^\n]+\n$/;

/** The packages that a process has loaded after these command lines. */
function loadedFor(lines: readonly (readonly string[])[]): string[] {
  const cli = JSON.stringify(packageFile('dist/cli.js'));
  const code = `(async () => {
    for (const line of ${JSON.stringify(lines)}) await require(${cli}).main(line, process);
    process.stderr.write(JSON.stringify(Object.keys(require.cache)));
  })()`;
  const { stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  const paths = (JSON.parse(stderr) as string[]).map((path) => path.replaceAll(sep, '/'));
  return [...new Set(paths.map((path) => /.*\/node_modules\/([^/]+)\//.exec(path)?.[1] ?? 'gmm-vae'))].sort();
}

describe('gmm-vae', () => {
  it('lists its commands when asked for help, and exits 0', async () => {
    const { code, stdout } = await gmmVae(['--help']);
    expect(code).toBe(0);
    for (const command of ['kl', 'run', 'report', 'reproduce', 'data', 'kernel', 'doctor']) {
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    }
  });

  it('loads no more for its help than the words that it prints', () => {
    expect(loadedFor([['--help']])).toEqual(['commander', 'gmm-vae']);
    // One after the other in one process: together they load what each of them does.
    const helps = loadedFor(Object.keys(COMMANDS).map((name) => [name, '--help']));
    const light = ['@noble', 'commander', 'csv-stringify', 'gmm-vae', 'pure-rand', 'yaml', 'zod'];
    expect(helps.filter((name) => !light.includes(name))).toEqual([]);
  });

  it('answers an unknown command with one line and exit code 2', async () => {
    const { code, stdout, stderr } = await gmmVae(['reprot']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("unknown command 'reprot' (Did you mean report?)");
  });

  it('answers an unknown option with one line and exit code 2', async () => {
    const { code, stderr } = await gmmVae(['kl', '-', '--nosuch']);
    expect(code).toBe(2);
    expect(stderr).toMatch(oneLine);
  });

  it('keeps the stack trace to itself unless --debug asks for it', async () => {
    const quiet = await gmmVae(['kl', '-'], { stdin: 'not json' });
    expect(quiet.code).toBe(2);
    expect(quiet.stderr).toMatch(oneLine);
    const debug = await gmmVae(['--debug', 'kl', '-'], { stdin: 'not json' });
    expect(debug.stderr).toMatch(/\n {4}at /);
  });
});
