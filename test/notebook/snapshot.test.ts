import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type ts from '@tslab/typescript-for-tslab';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { placeOf, snapshotName, WORKER_FLAGS, withoutSnapshot } from '../../src/notebook/snapshot/blob';
import { type Prepared, parsingOptions } from '../../src/notebook/snapshot/prepared';
import { remakeSnapshot } from '../../src/notebook/snapshot/remake';
import { stamp } from '../../src/notebook/stamp';
import { compiler } from '../../src/notebook/tslab';
import { Shelf } from '../../src/notebook/worker/shelf';
import { packageFile } from '../../src/package';
import { temporaryFolder } from './fixtures';
import { SessionUnderTest } from './session-fixture';

const KEY = Symbol.for('gmm-vae.prepared');
const IS_FROM_SNAPSHOT = "Symbol.for('gmm-vae.prepared') in globalThis";

describe('a process of cells', () => {
  beforeAll(async () => expect(await remakeSnapshot()).toBeNull());

  it('starts from the snapshot, in its own folder, and leaves the processes that it starts out of it', async () => {
    const under = new SessionUnderTest();
    await under.start();
    try {
      expect(await under.value(IS_FROM_SNAPSHOT)).toBe('true');
      expect(await under.value("require('node:fs').realpathSync(process.cwd())")).toContain('gmm-vae-notebook-');
      expect(await under.value("process.execArgv.join(' ')")).not.toContain('snapshot');
      expect(await under.value('const n: number = "one";')).toContain("Type 'string' is not assignable");
    } finally {
      under.session.close();
    }
  });

  it('starts without it where flags of V8 may be set, and compiles the same', async () => {
    const under = new SessionUnderTest({ env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=2000' } });
    await under.start();
    try {
      expect(await under.value(IS_FROM_SNAPSHOT)).toBe('false');
      expect(await under.value('const n: number = "one";')).toContain("Type 'string' is not assignable");
    } finally {
      under.session.close();
    }
  });

  it('has threads that can load what others can: the network, cryptography, every module', async () => {
    const load = `for (const name of ["net", "http", "https", "crypto", "tls", "worker_threads"]) require(name);
      require("node:worker_threads").parentPort.postMessage("loaded")`;
    const under = new SessionUnderTest();
    await under.start();
    try {
      await under.value("import { Worker } from 'node:worker_threads'; import { once } from 'node:events'; 0");
      expect(
        await under.value(`String(await once(new Worker(${JSON.stringify(load)}, { eval: true }), 'message'))`),
      ).toContain('loaded');
    } finally {
      under.session.close();
    }
  });

  it('compiles there by a compiler that tells versions of files apart as it does elsewhere', async () => {
    const under = new SessionUnderTest();
    await under.start();
    try {
      const hash = createHash('sha256').update('text').digest('hex');
      const code = "(globalThis as any)[Symbol.for('gmm-vae.prepared')].compiler.sys.createHash('text')";
      expect(await under.value(code)).toContain(hash);
    } finally {
      under.session.close();
    }
  });

  it('finds the types of this package there, and of the packages that they name no more than notebooks can use', async () => {
    const maker = packageFile('dist', 'notebook', 'snapshot', 'make.js');
    const { stdout: listed } = await promisify(execFile)(process.execPath, [maker, '--list'], {
      cwd: packageFile('notebooks'),
      maxBuffer: Number.POSITIVE_INFINITY,
    });
    const packages = new Set([...listed.matchAll(/node_modules\/((?:@[^/"]+\/)?[^/"]+)/g)].map(([, name]) => name));
    expect([...packages]).toEqual(expect.arrayContaining(['@types/node', '@tensorflow/tfjs-core']));
    expect([...packages]).not.toContain('zod');
  });

  it('has one for where it finds the types of Node: in a checkout, or anywhere else', () => {
    expect(placeOf(join(__dirname, '..', '..', 'notebooks'))).toBe('checkout');
    const project = temporaryFolder();
    expect(placeOf(project)).toBe('elsewhere');
    mkdirSync(join(project, 'node_modules', '@types', 'node'), { recursive: true });
    expect(placeOf(join(project, 'notebooks'))).toBe('elsewhere');
  });

  it('has one for its flags: with those of another build, a process would not start at all', () => {
    const name = snapshotName('checkout');
    for (const flag of WORKER_FLAGS) expect(name).toContain(flag.replace(/^-+/, ''));
    expect(name).not.toMatch(/[^\w.=-]/);
  });

  it('does not pass the flag on, wherever it stands', () => {
    expect(withoutSnapshot(['--a', '--snapshot-blob', 'file', '--b'])).toEqual(['--a', '--b']);
    expect(withoutSnapshot(['--a'])).toEqual(['--a']);
  });
});

describe('the shelf of parsed files', () => {
  const typescript = compiler();
  const options: ts.CompilerOptions = { target: typescript.ScriptTarget.ES2022 };
  const parse = (text: string) => typescript.createSourceFile('/a.d.ts', text, typescript.ScriptTarget.ES2022);

  /** What a host is given for `/a.d.ts` that reads `now` on the disk. */
  function given(
    shelved: ts.SourceFile,
    now: string,
    asked: ts.CompilerOptions,
    path = '/a.d.ts',
  ): ts.SourceFile | undefined {
    const content: Prepared = {
      path: '',
      compiler: typescript,
      files: new Map([[path, shelved]]),
      stamps: new Map([[path, stamp(__filename)]]),
      options: parsingOptions(typescript, options),
    };
    Object.assign(globalThis, { [KEY]: content });
    const host = { getSourceFile: () => parse(now) } as unknown as ts.CompilerHost;
    const reading = { ...typescript, sys: { ...typescript.sys, readFile: () => now } };
    new Shelf(reading).offer(asked, host);
    return host.getSourceFile(path, typescript.ScriptTarget.ES2022);
  }

  afterEach(() => {
    delete (globalThis as { [KEY]?: Prepared })[KEY];
  });

  it('hands out what reads as it did', () => {
    const shelved = parse('declare const a: 1;');
    expect(given(shelved, 'declare const a: 1;', options)).toBe(shelved);
  });

  it('does not read what has not been written since', () => {
    const shelved = parse('declare const a: 1;');
    expect(given(shelved, 'never read', options, __filename)).toBe(shelved);
  });

  it('hands out nothing that has changed on the disk since', () => {
    const shelved = parse('declare const a: 1;');
    expect(given(shelved, 'declare const a: 2;', options)?.text).toBe('declare const a: 2;');
  });

  it('hands out nothing under options under which it would have been parsed otherwise', () => {
    const shelved = parse('declare const a: 1;');
    const other = { ...options, target: typescript.ScriptTarget.ES5 };
    expect(given(shelved, 'declare const a: 1;', other)).not.toBe(shelved);
    expect(given(shelved, 'declare const a: 1;', { ...options, strictNullChecks: true })).toBe(shelved);
  });
});
