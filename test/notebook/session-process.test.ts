import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CellOutput } from '../../src/notebook/session/protocol';
import { KernelSession } from '../../src/notebook/session/session';
import { until, within } from './fixtures';
import { startSession } from './session-fixture';

const under = startSession();
const { run, value, going, interruptedAfter } = under;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const errorsOf = (outputs: readonly CellOutput[]) =>
  outputs.flatMap((output) => (output.type === 'error' ? [output.ename] : []));

describe('the process of the cells', () => {
  it('may end at any time: the cell says so, what it had shown is there, and the next cell runs', async () => {
    const { reply, outputs } = await run('console.log("so far"); process.exit(3)');
    expect(outputs[0]).toEqual({ type: 'stream', name: 'stdout', text: 'so far\n' });
    expect(reply).toMatchObject({ ename: 'KernelDied', evalue: expect.stringContaining('exited with code 3') });
    expect(await value('1 + 1')).toBe('2');
  });

  it('may end without having read an answer', async () => {
    const code =
      'setTimeout(() => process.kill(process.pid, "SIGKILL"), 300); const end = Date.now() + 200; prompt("a"); while (Date.now() < end);';
    await run(code, { onInput: async () => 'x'.repeat(4_000_000) });
    await pause(400);
    await value('0');
    expect(await value('1 + 1')).toBe('2');
  });

  it('may write rubbish where its events leave, which is shown as what it is', async () => {
    const { reply, outputs } = await run(
      'import * as fs from "node:fs"; for (const junk of ["junk\\n", "null\\n", \'{"kind":"output"}\\n\', "cut off"]) fs.writeSync(3, junk); 5',
    );
    expect(reply.status).toBe('ok');
    expect(outputs).toContainEqual({ type: 'stream', name: 'stderr', text: 'junk\n' });
    expect(outputs.at(-1)).toMatchObject({ data: { 'text/plain': '5' } });
    expect(await value('1 + 1')).toBe('2');
  });

  it('prints natively without cutting characters in two', async () => {
    writeFileSync(join(under.cwd, 'print.sh'), "printf '\\303'; sleep 0.2; printf '\\251\\n'");
    const { outputs } = await run(
      'import { spawnSync } from "node:child_process"; spawnSync("sh", ["print.sh"], { stdio: "inherit" }); await new Promise((next) => setTimeout(next, 100))',
    );
    expect(outputs.map((output) => (output.type === 'stream' ? output.text : '')).join('')).toBe('é\n');
  });

  it('that ends between two cells is missed at once, and by the next cell, once', async () => {
    // Not before the cell's reply is here: a process that ends earlier takes the cell itself along.
    const file = join(under.cwd, 'end');
    const watch = `setInterval(() => require('fs').existsSync(${JSON.stringify(file)}) && process.exit(4), 10)`;
    const { outputs } = await run(`let held = 1; ${watch}; held`);
    writeFileSync(file, '');
    await until('the end is told', () => errorsOf(outputs).includes('KernelDied'));
    expect(await value('held')).toMatch(/^KernelDied: .*exited with code 4; its variables are gone/);
    expect(await value('1 + 1')).toBe('2');
  });

  it('may be killed while it starts', async () => {
    const once = join(under.cwd, 'once.cjs');
    writeFileSync(
      once,
      `if (require('fs').existsSync(__filename + '.done')) return;
      require('fs').writeFileSync(__filename + '.done', ''); process.kill(process.pid, 'SIGKILL');`,
    );
    const session = new KernelSession({ cwd: under.cwd, env: { ...process.env, NODE_OPTIONS: `--require ${once}` } });
    await expect(session.ready()).rejects.toThrow('was ended by SIGKILL');
    const reply = session.execute('1 + 1', { count: 1, onOutput: () => {} });
    expect((await within('a cell of the next process', reply)).status).toBe('ok');
    session.close();
  });

  it('that cannot be started is an error of the cell', async () => {
    const session = new KernelSession({ cwd: join(under.cwd, 'missing') });
    for (let turn = 0; turn < 2; turn++) {
      const reply = session.execute('1 + 1', { count: 1, onOutput: () => {} });
      expect(await within('a cell without a process', reply)).toMatchObject({ status: 'error' });
    }
    session.close();
  });
});

describe('an interrupt', () => {
  it('frees a process that late code of an ended cell blocks, and says what it cost', async () => {
    const [ended, blocked] = ['cell-ended', 'process-blocked'].map((name) => JSON.stringify(join(under.cwd, name)));
    const late = `if (fs.existsSync(${ended})) { fs.writeFileSync(${blocked}, ""); for (;;); }`;
    const { outputs } = await run(`import * as fs from "node:fs"; let kept = 1; setInterval(() => { ${late} }, 5);`);
    writeFileSync(join(under.cwd, 'cell-ended'), '');
    await until('late code blocks the process', () => existsSync(join(under.cwd, 'process-blocked')));
    const completion = under.session.complete('Math.sq', 7).catch((error: Error) => error.name);
    const start = performance.now();
    await under.session.interrupt();
    expect(await within('the completion', completion)).toBe('KernelRestarted');
    expect(performance.now() - start).toBeLessThan(2000);
    expect(errorsOf(outputs)).toEqual(['KernelRestarted']);
    expect(await value('1 + 1')).toBe('2');
  });

  it('costs nothing where nothing runs', async () => {
    await run('let untouched = 1;');
    await under.session.interrupt();
    await pause(2000);
    expect(await value('untouched')).toBe('1');
  });

  it('of a cell that waits for its process to start takes the cell back', async () => {
    under.session.restart();
    const running = run('(globalThis as any).ran = true; for (;;);');
    await under.session.interrupt();
    expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(await value('(globalThis as any).ran')).toBe('');
  });

  it('that comes while a cell compiles ends it before it begins, and keeps the variables', async () => {
    await run('let begun = 0;');
    const running = run('import * as tf from "@tensorflow/tfjs"; begun = 1; for (;;);');
    await pause(20);
    await under.session.interrupt();
    expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(await value('begun')).toBe('0');
  });

  it('waits for the compiler, however slow the machine is: it cannot be broken off, and ends by itself', async () => {
    // Seconds of work: 10,000 words, each split into its letters by the types.
    const split = (i: number) =>
      `type Split${i}<T> = T extends \`\${infer A}\${infer B}\` ? [A, Split${i}<B>, ${i}] : T; const none${i}: Split${i}<Word> | null = null;`;
    const words = `type D = 0|1|2|3|4|5|6|7|8|9; type Word = \`\${D}\${D}\${D}\${D}\`;`;
    const slow = `${words} ${Array.from({ length: 11 }, (_, i) => split(i)).join(' ')}`;
    // Compiling takes several times as long as a cell has to stop, on this machine as it is now.
    const start = performance.now();
    expect((await run(`{ ${words} ${split(0)} }`)).reply.status).toBe('ok');
    const stopMs = Math.max(600, 2 * (performance.now() - start));
    const session = new KernelSession({ cwd: under.cwd, stopMs, compileMs: 90_000 });
    await session.ready();
    const ran = (code: string) => session.execute(code, { count: 1, onOutput: () => {} });
    expect(await ran('let kept = 1;')).toMatchObject({ status: 'ok' });
    const running = ran(`${slow} kept = 2; for (;;);`);
    await session.interrupt();
    expect(await within('the cell', running, 100_000)).toMatchObject({ ename: 'Interrupted' });
    expect(await ran('if (kept !== 1) throw new Error(String(kept))')).toMatchObject({ status: 'ok' });
    session.close();
  });

  it('ends a prompt; an answer that comes later is nobody’s, and the next cell runs undisturbed', async () => {
    let late: (line: string) => void = () => {};
    const onInput = () =>
      new Promise<string>((resolve) => {
        late = resolve;
      });
    const { ran } = await going('console.log("going"); prompt("first")', { onInput });
    await pause(50);
    await under.session.interrupt();
    expect((await ran).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(await value('let turns = 0; while (turns < 1e6) turns++; turns')).toBe('1000000');
    late('late');
    const { outputs } = await run('prompt("second")', { onInput: async () => 'own' });
    expect(outputs.at(-1)).toMatchObject({ data: { 'text/plain': "'own'" } });
  });

  it('may be sent several times', async () => {
    const { ran } = await going('await 0; console.log("going"); for (;;);');
    for (let i = 0; i < 3; i++) {
      await under.session.interrupt();
      await pause(50);
    }
    expect((await ran).reply).toMatchObject({ ename: 'KernelRestarted' });
    await pause(2000);
    expect(await value('let after = 1; after')).toBe('1');
    expect(await value('after')).toBe('1');
  });

  it('leaves a step of 1.3 s the time to end', async () => {
    await run('let stepped = 0;');
    const step = 'const end = Date.now() + 1300; while (Date.now() < end); stepped++;';
    const { reply } = await interruptedAfter(
      `import { interruptSignal } from "gmm-vae"; const signal = interruptSignal()!; console.log("going"); await new Promise((next) => setTimeout(next));
      do { ${step} await new Promise((next) => setTimeout(next)); } while (!signal.aborted);`,
    );
    expect(reply.status).toBe('ok');
    expect(Number(await value('stepped'))).toBeGreaterThan(0);
  });

  it('stops code that catches it and tries again', async () => {
    await run('let tries = 0;');
    const { reply } = await interruptedAfter(
      'console.log("going"); for (;;) { try { tries++; await new Promise((next) => setTimeout(next, 2)); } catch {} }',
    );
    expect(reply).toMatchObject({ ename: 'Interrupted' });
    await pause(100);
    const then = await value('tries');
    await pause(100);
    expect(await value('tries')).toBe(then);
  });
});
