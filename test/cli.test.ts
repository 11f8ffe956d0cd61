import { describe, expect, it } from 'vitest';
import { gmmVae } from './command-line';

const oneLine = /^gmm-vae: [^\n]+\n$/;

describe('gmm-vae', () => {
  it('lists its commands when asked for help, and exits 0', async () => {
    const { code, stdout } = await gmmVae(['--help']);
    expect(code).toBe(0);
    for (const command of ['kl', 'run', 'report', 'reproduce', 'data', 'kernel', 'doctor']) {
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    }
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
