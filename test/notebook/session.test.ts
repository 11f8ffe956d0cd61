import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession, traceback } from './session-fixture';

const under = startSession();
const { project, cwd, run, value, interruptedAfter } = under;

describe('variables', () => {
  it('are shared: a function sees what a later cell assigns', async () => {
    await run('let cnt = 0; function inc() { return ++cnt }');
    expect(await value('[inc(), inc(), inc()]')).toBe('[ 1, 2, 3 ]');
    await run('cnt = 10');
    expect(await value('inc()')).toBe('11');
    expect(await value('cnt')).toBe('11');
  });

  it('can be used in object shorthands, destructured from earlier types, and declared again', async () => {
    await run('class Animal { constructor(public name: string) {} }\nlet pet = new Animal("rex"); const k = 3;');
    expect(await value('({ k, pet })')).toBe("{ k: 3, pet: Animal { name: 'rex' } }");
    expect(await value('const { name: petName } = pet; let other = ""; ({ name: other } = pet); petName + other')).toBe(
      "'rexrex'",
    );
    expect(await value('const k = "again"; k')).toBe("'again'");
  });

  it('are no object whose methods are called: a function of an earlier cell has the `this` that it has in its own', async () => {
    await run(`let total = 100; function own(this: unknown) { return typeof this }
class Sum { total = 1; add(k: number) { this.total += k; return this.total } }
const sum = new Sum(); const { add } = sum;`);
    const calls = '[own(), own?.(), own!(), (own as () => string)(), own``]';
    expect(await value(`function own(this: unknown, ..._: unknown[]) { return typeof this }\n${calls}`)).toBe(
      await value(calls),
    );
    expect(await value('[own(), own``]')).toBe("[ 'undefined', 'undefined' ]");
    expect(await value('add(5)')).toBe("TypeError: Cannot read properties of undefined (reading 'total')");
    expect(await value('[total, sum.add(5), { own }.own()]')).toBe("[ 100, 6, 'object' ]");
  });

  it('survive an error further down their cell; later ones say that they have no value', async () => {
    const { reply } = await run('const before = 1;\nconst broken = JSON.parse("{");\nconst after = 2;');
    expect(reply.status).toBe('error');
    expect(await value('before')).toBe('1');
    expect(await value('after')).toBe(
      'ReferenceError: after has no value: the cell that declares it did not get that far',
    );
  });

  it('of a block or a loop that are declared with var are there for later cells, with their types', async () => {
    await run('if (true) { var inBlock = new Map([["a", 1]]); }\nfor (var i = 0; i < 3; i++) {}');
    expect(await value('[inBlock.get("a"), i]')).toBe('[ 1, 3 ]');
    expect(await value('i.length')).toMatch(/^TypeScriptError: 1:3 Property 'length' does not exist on type 'number'/);
  });

  it('may carry the word export', async () => {
    await run('export const exported = 5; export default function main() {}');
    expect(await value('exported')).toBe('5');
  });
});

describe('outputs', () => {
  it('arrive in order, with the last value as the result and undefined as none', async () => {
    const { outputs } = await run('console.log("out"); console.error("err"); await 0; 6 * 7');
    expect(outputs).toEqual([
      { type: 'stream', name: 'stdout', text: 'out\n' },
      { type: 'stream', name: 'stderr', text: 'err\n' },
      { type: 'execute_result', data: { 'text/plain': '42' }, metadata: {} },
    ]);
    expect((await run('undefined')).outputs).toEqual([]);
  });

  it('are what text in another encoding stands for, as in Node', async () => {
    const { outputs } = await run(`process.stdout.write('4pyTCg==', 'base64'); process.stdout.write('e282ac', 'hex');
process.stderr.write('\u00e9', 'utf8'); process.stdout.write(Buffer.from('!\\n'), 'hex');`);
    const printed = (name: string): string =>
      outputs.map((output) => (output.type === 'stream' && output.name === name ? output.text : '')).join('');
    expect([printed('stdout'), printed('stderr')]).toEqual(['\u2713\n\u20ac!\n', '\u00e9']);
    expect(await value("process.stdout.write('x', 'no such encoding' as never)")).toMatch(
      /^TypeError: Unknown encoding/,
    );
  });

  it('carry every MIME type of a displayable value, binary ones in base64', async () => {
    const source = `({ [Symbol.for('Jupyter.display')]: () => ({
      'text/html': '<b>x</b>', 'image/png': new Uint8Array([1, 2, 3]), 'text/plain': 'x' }) })`;
    const { outputs } = await run(source);
    expect(outputs).toEqual([
      {
        type: 'execute_result',
        data: { 'text/html': '<b>x</b>', 'image/png': 'AQID', 'text/plain': 'x' },
        metadata: {},
      },
    ]);
  });

  it('of late code go to the cell that started it', async () => {
    const first = await run('setTimeout(() => console.log("late"), 150); 1');
    const second = await run('await new Promise((resolve) => setTimeout(resolve, 400)); 2');
    expect(first.outputs).toContainEqual({ type: 'stream', name: 'stdout', text: 'late\n' });
    expect(second.outputs.some((output) => output.type === 'stream')).toBe(false);
  });

  it('show promises without the bookkeeping of the kernel', async () => {
    const { outputs } = await run('console.log(Promise.resolve([1])); Promise.resolve(5)');
    expect(outputs).toMatchObject([{ text: 'Promise { [ 1 ] }\n' }, { data: { 'text/plain': 'Promise { 5 }' } }]);
  });

  it('include promises that nobody caught and errors thrown by timers', async () => {
    const { outputs } = await run(
      'Promise.reject(new RangeError("nobody"));\nsetTimeout(() => { throw new TypeError("timer") }, 5);\nawait new Promise((resolve) => setTimeout(resolve, 100))',
    );
    expect(outputs.flatMap((output) => (output.type === 'error' ? [`${output.ename} ${output.evalue}`] : []))).toEqual([
      'RangeError nobody',
      'TypeError timer',
    ]);
  });

  it('show tensors and danfojs frames as what they are', async () => {
    expect(await value('import * as tf from "@tensorflow/tfjs"; tf.tensor([[1, 2], [3, 4]])')).toBe(
      'Tensor float32 [2,2]\n    [[1, 2],\n     [3, 4]]',
    );
    const { outputs } = await run(
      'import * as dfd from "danfojs-node"; new dfd.DataFrame([[1, 2.5], [3, 4]], { columns: ["a", "<b>"] })',
    );
    expect(outputs.at(-1)).toMatchObject({
      data: { 'text/html': expect.stringContaining('<th scope="col">&lt;b&gt;</th>') },
    });
    expect(outputs.filter((output) => output.type === 'stream')).toEqual([]);
  });

  it('show distributions as tables of their parameters, and figures as plotly figures', async () => {
    expect(await value('import { Normal } from "gmm-vae"; new Normal(1, 2)')).toBe(
      'normal distribution, 1 dimension\nμ  σ\n1  2',
    );
    const { outputs } = await run(
      `import { GaussianMixture, MultivariateNormal } from 'gmm-vae';
      const narrow = MultivariateNormal.diagonal([0, 1], [0.5, 2]);
      const tilted = MultivariateNormal.full([3, -3], [[4, 3], [3, 9]]);
      new GaussianMixture([0.25, 0.75], [narrow, tilted])`,
    );
    const rows = [
      'π     μ        σ         correlations',
      '0.25  (0, 1)   (0.5, 2)  0',
      '0.75  (3, -3)  (2, 3)    0.5',
    ];
    expect(outputs.at(-1)).toMatchObject({
      data: {
        'text/plain': ['Gaussian mixture, 2 components, 2 dimensions', ...rows].join('\n'),
        'text/html': expect.stringContaining('<th scope="col">π</th>'),
      },
    });
    const drawn = await run(
      'import { figure } from "gmm-vae"; figure({ data: [{ type: "bar", y: [1, 2] }], alt: "two bars" })',
    );
    expect(drawn.outputs.at(-1)).toMatchObject({
      data: {
        'application/vnd.plotly.v1+json': { data: [{ type: 'bar', y: [1, 2] }] },
        'text/html': expect.any(String),
        'text/plain': 'two bars',
      },
    });
  });

  it("take tslab's display functions in", async () => {
    const { outputs } = await run('import * as tslab from "tslab"; tslab.display.html("<i>t</i>")');
    expect(outputs).toContainEqual({ type: 'display_data', data: { 'text/html': '<i>t</i>' }, metadata: {} });
  });

  it('ask for a line and get it', async () => {
    const { outputs } = await run('const who = prompt("who?"); who + "!"', { onInput: async () => 'héllo' });
    expect(outputs.at(-1)).toMatchObject({ data: { 'text/plain': "'héllo!'" } });
  });
});

describe('errors', () => {
  it('point at the TypeScript line, also inside a function and behind erased types', async () => {
    const ran = await run(
      '\n\nfunction boom(x: number): number {\n  interface Q { z: 1 }\n  throw new RangeError("bad " + x)\n}\nboom(3)',
    );
    expect(ran.reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'bad 3' });
    expect(traceback(ran)).toContain(`at boom (In [${under.count}], line 5, column 9)`);
    expect(traceback(ran)).toContain('--> 5 |   throw new RangeError("bad " + x)\n                ^');
    expect(traceback(ran)).toContain(`at In [${under.count}], line 7, column 1`);
  });

  it('of types name line and column, strictly', async () => {
    const ran = await run('const a = 1;\nfunction f(x) { return x }\nconst s: string = a;');
    expect(traceback(ran)).toContain("TypeScriptError: 2:12 Parameter 'x' implicitly has an 'any' type.");
    expect(traceback(ran)).toContain("TypeScriptError: 3:7 Type 'number' is not assignable to type 'string'.");
  });

  it('of types in a module above the notebook name the module, line and column', async () => {
    writeFileSync(join(project, 'wrong.ts'), 'export const ok = 1;\nexport const wrong: string = 2;');
    expect(await value("import { ok } from '../wrong'; ok")).toBe(
      "TypeScriptError: ../wrong.ts:2:14 Type 'number' is not assignable to type 'string'.",
    );
  });

  it('give the reasons within one message', async () => {
    const { reply } = await run('const f: (x: { a: number }) => void = (x: { a: string }) => {};');
    expect(reply).toMatchObject({
      evalue: expect.stringContaining("Types of property 'a' are incompatible.\n"),
    });
    if (reply.status === 'error') expect(reply.traceback.join('\n').match(/TypeScriptError/g)).toHaveLength(1);
  });

  it('explain what this TypeScript does not know', async () => {
    for (const inside of [
      '{ using file = open(); }',
      'for (using file of []) 1;',
      'if (1) { await using file = open() }',
    ])
      expect(await value(inside)).toMatch(/^TypeScriptError: 1:\d+ `using` came with TypeScript 5\.2/);
    expect(await value('1;\n  using file = open();')).toMatch(
      /^TypeScriptError: 2:3 `using` came with TypeScript 5\.2 and cells are TypeScript 5\.0\.4/,
    );
  });

  it('explain that cells are no ES modules', async () => {
    expect(await value('import.meta.url')).toBe("SyntaxError: Cannot use 'import.meta' outside a module");
  });

  it('carry their causes, and need not be errors', async () => {
    expect(traceback(await run('throw new Error("outer", { cause: new RangeError("inner") })'))).toMatch(
      /Error: outer[\s\S]*Caused by:\n {2}RangeError: inner/,
    );
    expect(await value('throw { custom: 1 }')).toBe('Uncaught: { custom: 1 }');
  });
});

describe('packages', () => {
  const install = (name: string, manifest: object, files: Record<string, string>) => {
    const folder = join(project, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  };

  it('are found by the sub-paths that they export, with types', async () => {
    install(
      'with-exports',
      { exports: { './deep/*': { types: './*.d.ts', default: './*.js' } } },
      { 'part.d.ts': 'export declare const part: 7;', 'part.js': 'exports.part = 7;' },
    );
    expect(await value('import { part } from "with-exports/deep/part"; part')).toBe('7');
    expect(await value('import { nowhere } from "with-exports/hidden"; nowhere')).toMatch(/Cannot find module/);
    expect(await value('const text: string = part; text')).toMatch(/Type 'number' is not assignable to type 'string'/);
  });

  it('may be ES modules only', async () => {
    install(
      'only-esm',
      { type: 'module', exports: { '.': { types: './index.d.ts', import: './index.js' } } },
      {
        'index.d.ts':
          'export declare function twice(x: number): number; declare const name: string; export default name;',
        'index.js': 'export const twice = (x) => 2 * x; export default import.meta.url.split("/").at(-1);',
      },
    );
    expect(await value('import name, { twice } from "only-esm"; [name, twice(21)]')).toBe("[ 'index.js', 42 ]");
    expect(await value('(await import("only-esm")).twice("x")')).toMatch(/Argument of type 'string'/);
  });
});

describe('an ES module that awaits at its top level', () => {
  it('is refused with an error that says so', async () => {
    const folder = join(project, 'node_modules', 'awaits');
    mkdirSync(folder, { recursive: true });
    const manifest = {
      name: 'awaits',
      version: '1.0.0',
      type: 'module',
      exports: { types: './i.d.ts', default: './i.js' },
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'i.d.ts'), 'export declare const x: number;');
    writeFileSync(join(folder, 'i.js'), 'export const x = await Promise.resolve(1);');
    expect(await value('import { x } from "awaits"; x')).toMatch(/top-level await/);
  });
});

describe('local modules', () => {
  it('are imported from beside and above the notebook, and an edit anywhere below is seen at the next import', async () => {
    writeFileSync(join(project, 'base.ts'), 'export const sigma: number = 1;');
    writeFileSync(join(cwd, 'middle.ts'), "import { sigma } from '../base';\nexport const doubled = 2 * sigma;");
    expect(await value("import { doubled } from './middle'; doubled")).toBe('2');
    writeFileSync(join(project, 'base.ts'), 'export const sigma: number = 21;');
    expect(await value("import { doubled } from './middle'; doubled")).toBe('42');
    expect(await value("import { sigma } from '../base'; sigma")).toBe('21');
  });

  it('may appear after a failed import', async () => {
    expect(await value("import { late } from './late'; late")).toMatch(/^TypeScriptError: 1:22 Cannot find module/);
    writeFileSync(join(cwd, 'late.ts'), 'export const late = 7;');
    expect(await value("import { late } from './late'; late")).toBe('7');
  });

  it('keep their own lines in a traceback, and gmm-vae is found from anywhere on the disk', async () => {
    writeFileSync(
      join(cwd, 'thrower.ts'),
      'interface Erased { a: 1 }\n\nexport function fail(): never {\n  throw new Error("here")\n}',
    );
    expect(traceback(await run("import { fail } from './thrower';\nfail()"))).toMatch(
      /fail \(.*thrower\.ts, line 4, column 9\)/,
    );
    expect(
      await value('import { klDivergence, Normal } from "gmm-vae"; klDivergence(new Normal(1, 1), new Normal(0, 1))'),
    ).toBe('0.5');
  });
});

describe('an interrupt', () => {
  it('aborts the signal that library code listens to, whose result then counts', async () => {
    const { reply, outputs } = await interruptedAfter(
      'import { interruptSignal } from "gmm-vae"; const signal = interruptSignal()!; console.log("going");\nawait new Promise<string>((end) => signal.addEventListener("abort", () => end("wound up")))',
    );
    expect(reply.status).toBe('ok');
    expect(outputs.at(-1)).toMatchObject({ data: { 'text/plain': "'wound up'" } });
  });

  it('ends a training within one step and keeps what it had learnt', async () => {
    await run('import { interruptSignal, syntheticDigits, train, Vae } from "gmm-vae";');
    await run('const { train: digits } = syntheticDigits({ train: 2000, test: 10, seed: 1 });');
    await run(
      'const model = new Vae({ pixels: digits.height * digits.width, latent: 2, hidden: [32], prior: { kind: "standard-normal" }, seed: 1 }); const before = model.variables.size; let steps = 0; let stepsAtAbort = -1;',
    );
    const training = await interruptedAfter(
      `const signal = interruptSignal()!;
      signal.addEventListener('abort', () => { stepsAtAbort = steps; });
      const history = await train(model, digits, { epochs: 10_000, seed: 1, signal,
        onStep: () => { steps++; if (steps === 20) console.log('going'); } });
      [history.interrupted, history.steps.length === steps, steps - stepsAtAbort <= 1]`,
    );
    expect(training.reply.status).toBe('ok');
    expect(training.outputs.at(-1)).toMatchObject({ data: { 'text/plain': '[ true, true, true ]' } });
    expect(await value('history.steps[0].loss > history.steps.at(-1)!.loss')).toBe('true');
  });

  it('stops the cell’s own code at its next await, where it does not run on in the background', async () => {
    const { reply } = await interruptedAfter(
      'let turns = 0; console.log("going"); for (;;) { await new Promise((next) => setTimeout(next, 2)); turns++; }',
    );
    expect(reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    const then = await value('const then = turns; then');
    await run('await new Promise((next) => setTimeout(next, 50))');
    expect(await value('turns')).toBe(then);
  });

  it('ends a cell whose imported code is not given the signal; that code runs on', async () => {
    writeFileSync(
      join(cwd, 'runner.ts'),
      `export const state = { turns: 0, stop: false };
      export async function runOn(): Promise<void> {
        while (!state.stop) { await new Promise((next) => setTimeout(next, 2)); state.turns++; }
      }`,
    );
    const { reply } = await interruptedAfter(
      'import { runOn, state } from "./runner"; console.log("going"); await runOn()',
    );
    expect(reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    await run('const turnsThen = state.turns; await new Promise((next) => setTimeout(next, 100))');
    expect(await value('state.stop = true; state.turns > turnsThen')).toBe('true');
  });

  it('leaves code that awaits inside a for await loop no way on', async () => {
    const { reply } = await interruptedAfter(
      'async function* ticks() { for (;;) { await new Promise((next) => setTimeout(next, 2)); yield 1; } }\nlet seen = 0; console.log("going"); for await (const tick of ticks()) seen += tick;',
    );
    expect(reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
    const then = await value('const seenThen = seen; seenThen');
    await run('await new Promise((next) => setTimeout(next, 50))');
    expect(await value('seen')).toBe(then);
  });
});
