import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Client } from './client';
import { until } from './fixtures';
import { printed } from './kernel-fixture';

/** A process that has ended may lie about as a zombie until its new parent looks. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a kernel that is killed', () => {
  it.each([
    ['loops', 'for (;;);'],
    ['waits', 'await new Promise(() => {});'],
    ['asks', 'prompt("?");'],
  ])('takes the process of its cells along while a cell %s', async (_, code) => {
    const client = await Client.start();
    try {
      await client.ready();
      client.onInput = () => null;
      const { id } = await client.going(`console.log(process.pid); ${code}`, { allow_stdin: true });
      const pid = Number(printed(client.published.filter(({ parent }) => parent === id)));
      expect(isAlive(pid)).toBe(true);
      client.child.kill('SIGKILL');
      // A moment later, and longer where other processes hold the cores.
      await until('the process of the cells is gone', () => !isAlive(pid), 8000);
    } finally {
      client.close();
    }
  });

  it('is so when its front end goes without a word', async () => {
    const frontEnd = (command: string[]) => ['sh', '-c', '"$@" & echo $! >&2; wait', 'sh', ...command];
    const client = await Client.start('gmm-vae', undefined, frontEnd);
    try {
      await client.ready();
      const pid = Number(client.stderr);
      expect(isAlive(pid)).toBe(true);
      client.child.kill('SIGKILL');
      // It looks for its parent every second.
      await until('the kernel is gone', () => !isAlive(pid), 4000);
    } finally {
      client.close();
    }
  });
});
