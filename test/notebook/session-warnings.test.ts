import { describe, expect, it } from 'vitest';
import { startSession } from './session-fixture';

const { run } = startSession();

async function stderr(source: string): Promise<string> {
  const { outputs, reply } = await run(source);
  expect(reply.status).toBe('ok');
  return outputs.map((output) => (output.type === 'stream' && output.name === 'stderr' ? output.text : '')).join('');
}

describe('a warning of the process', () => {
  it('is shown below the cell that caused it, once and without anything that differs from run to run', async () => {
    expect(
      await stderr("process.emitWarning('careful', { type: 'OwnWarning', code: 'OWN1', detail: 'because' });"),
    ).toBe('[OWN1] OwnWarning: careful\nbecause\n');
    expect(await stderr("console.timeEnd('nope');")).toBe("Warning: No such label 'nope' for console.timeEnd()\n");
  });

  it('of a deprecation comes the first time only', async () => {
    const source = "import { deprecate } from 'node:util'; deprecate(() => {}, 'old', 'OWN2')();";
    expect(await stderr(source)).toBe('[OWN2] DeprecationWarning: old\n');
    expect(await stderr(source)).toBe('');
  });

  it('that comes late is of the cell that started it', async () => {
    const late = await run("setTimeout(() => process.emitWarning('late'), 30); 1");
    await run('await new Promise((done) => setTimeout(done, 80)); 2');
    expect(late.outputs).toContainEqual({ type: 'stream', name: 'stderr', text: 'Warning: late\n' });
  });
});
