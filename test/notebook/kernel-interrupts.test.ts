import { describe, expect, it } from 'vitest';
import { within } from './fixtures';
import { printed, startKernel } from './kernel-fixture';

const kernel = startKernel();

/** The limit of the issue: a cell ends within 2 s of the interrupt. */
const LIMIT_MS = 2000;

/** What a cell prints after the interrupt. tslab drops cells within 0.2 s of an error; that has tests of its own. */
const printsAfterwards = async (code: string) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return printed((await kernel.client.execute(code)).published).trim();
};
const pause = (ms: number) => `await new Promise((next) => setTimeout(next, ${ms}));`;

describe('an interrupt over the wire', () => {
  it('stops a loop and keeps the variables', async () => {
    await kernel.client.execute('let turns = 0;');
    const { content, ms } = await kernel.client.interrupted('for (;;) turns++;');
    expect(content.status).toBe('error');
    expect(ms).toBeLessThan(LIMIT_MS);
    expect(Number(await printsAfterwards('console.log(turns)'))).toBeGreaterThan(0);
  });

  it('lets heartbeats through while a cell loops', async () => {
    const { reply } = await kernel.client.going('console.log("runs"); for (;;) {}');
    expect(await kernel.client.beat()).toBe('alive?');
    await kernel.client.interrupt();
    expect((await within('the interrupted cell', reply)).content.status).toBe('error');
  });

  it('stops an awaited promise and keeps the variables', async () => {
    await kernel.client.execute('let held = 7;');
    const { content, ms } = await kernel.client.interrupted('await new Promise(() => {});');
    expect(content.status).toBe('error');
    expect(ms).toBeLessThan(LIMIT_MS);
    expect(await printsAfterwards('console.log(held)')).toBe('7');
  });

  it('leaves no code of the cell running behind an await', async () => {
    await kernel.client.execute('let ticks = 0;');
    const { content } = await kernel.client.interrupted(`for (;;) { ${pause(5)} ticks++; }`);
    expect(content.status).toBe('error');
    const first = await printsAfterwards(`${pause(20)} console.log(ticks)`);
    const second = await printsAfterwards(`${pause(60)} console.log(ticks)`);
    expect(Number(first)).toBeGreaterThan(1);
    expect(second).toBe(first);
  });

  it('is named in the error', async () => {
    const { content } = await kernel.client.interrupted('for (;;) {}');
    expect(content).toMatchObject({ ename: 'Interrupted', evalue: expect.stringContaining('interrupted') });
  });

  it('stops a loop behind an await at the price of the variables, and says so', async () => {
    const { content, ms } = await kernel.client.interrupted('await 0; for (;;) {}');
    expect(content).toMatchObject({
      status: 'error',
      ename: 'KernelRestarted',
      evalue: expect.stringContaining('the kernel was restarted and its variables are gone'),
    });
    expect(ms).toBeLessThan(LIMIT_MS);
    expect((await kernel.client.execute('1 + 1')).reply.status).toBe('ok');
  });

  it('sent as a message is answered', async () => {
    expect(await kernel.client.request('interrupt_request', {}, 'control')).toEqual({ status: 'ok' });
  });
});
