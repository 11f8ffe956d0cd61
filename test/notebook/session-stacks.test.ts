import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession, traceback } from './session-fixture';

const under = startSession();

/** All that a cell printed, and its last value; cells begin with three lines that say nothing. */
async function shown(source: string): Promise<string> {
  const { outputs } = await under.run(`type Erased = 1;\n\n\n${source}`);
  return outputs
    .map((output) => {
      if (output.type === 'stream') return output.text;
      return output.type === 'execute_result' ? String(output.data['text/plain']) : '';
    })
    .join('');
}

const here = (line: number, column: number): string => `In [${under.count}]:${line}:${column}`;

describe('a stack that is printed', () => {
  it.each([
    ['console.error', "console.error(new Error('e'));", 4, 15],
    ['console.log of .stack', "console.log(new Error('e').stack);", 4, 13],
    ['console.trace', "console.trace('e');", 4, 9],
    ['a last value', "const e = new Error('e'); e", 4, 11],
    ['an error of Node itself', 'try { Buffer.alloc(-1); } catch (e) { console.log((e as Error).stack) }', 4, 14],
  ])('by %s names the line of the cell, and nothing of the kernel', async (_, source, line, column) => {
    const text = await shown(source);
    expect(text).toContain(here(line, column));
    expect(text).not.toMatch(/worker|node:vm|node:internal\/process/);
  });

  it('has the message and code that Node gives it', async () => {
    expect(await shown('try { Buffer.alloc(-1) } catch (e) { console.log((e as Error).stack) }')).toMatch(
      /^RangeError \[ERR_OUT_OF_RANGE\]: The value of "size" is out of range\./,
    );
    expect(await shown("class Own extends Error { override name = 'Own' }\nconsole.error(new Own('m'))")).toMatch(
      /^Own: m\n {4}at In \[\d+\]:5:15/,
    );
  });

  it('shows the place of a cause and of each of several errors', async () => {
    const text = await shown(`const a = new Error('a');
const b = new Error('b', { cause: a });
console.error(b, new AggregateError([a]));`);
    expect(text).toContain(here(5, 11));
    expect(text.split(here(4, 11)).length - 1).toBe(2);
    expect(text).toContain(here(6, 18));
  });

  it('reaches through functions of earlier cells, awaits and timers', async () => {
    await under.run(
      'interface Gone { a: 1 }\nasync function deep() {\n  await null;\n  return new Error("d").stack;\n}',
    );
    const earlier = here(4, 10);
    const text = await shown('console.log(await deep());');
    expect(text).toContain(`deep (${earlier})`);
    expect(text).toContain(`at async ${here(4, 13)}`);
    const late = await shown(
      'await new Promise<void>((done) => setTimeout(() => { console.error(new Error("t")); done(); }, 1));',
    );
    expect(late).toContain(here(4, 68));
    expect(late).not.toContain('node:internal');
  });

  it('names a module by its TypeScript', async () => {
    writeFileSync(
      join(under.cwd, 'made.ts'),
      'interface Gone { a: 1 }\n\nexport const made = (): Error => new Error("m");',
    );
    expect(await shown('import { made } from "./made";\nconsole.error(made())')).toMatch(
      /at made \(.*[\\/]made\.ts:3:34\)\n {4}at In \[\d+\]:5:\d+/,
    );
  });

  it('and then thrown has the same lines in its traceback', async () => {
    const ran = await under.run("\n\nconst e = new Error('both');\nconsole.error(e); throw e");
    expect(traceback(ran)).toContain(`at In [${under.count}], line 3, column 11`);
    expect(traceback(ran)).toContain("--> 3 | const e = new Error('both');");
  });

  it('is mapped in tracebacks also where a library writes stacks in its own way', async () => {
    const ran = await under.run(`const kernels = Error.prepareStackTrace;
Error.prepareStackTrace = (error, sites) => \`\${error}\\n\${sites.map((site) => '    at ' + site).join('\\n')}\`;
interface Gone { a: 1 }

try { throw new Error('own') } catch (e) { (e as Error).stack; throw e } finally { Error.prepareStackTrace = kernels }`);
    expect(traceback(ran)).toContain(`at In [${under.count}], line 5, column 13`);
  });

  it('may be a list where a library looks at who calls it: the error is told with its name and text', async () => {
    const ran = await under.run(`const kernels = Error.prepareStackTrace;
Error.prepareStackTrace = (_, sites) => sites;
try { const e = new RangeError('told'); e.stack; throw e } finally { Error.prepareStackTrace = kernels }`);
    expect(ran.reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'told' });
  });
});
