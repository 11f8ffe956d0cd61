import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as sources from '../src';

const ROOT = join(__dirname, '..');

/** What code prints as JSON in a process of its own, where `library` is the built package. */
function printed(code: string, ...flags: string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, [...flags, '-e', code], { cwd: ROOT, encoding: 'utf8' }));
}

const LOADED = `const loaded = () => Object.keys(require.cache).some((path) => /@tensorflow.tfjs\\b/.test(path));`;

describe("the package's entry", () => {
  it('has every name of the sources, for `require` as for `import`', () => {
    const names = Object.keys(sources).sort();
    expect(printed("console.log(JSON.stringify(Object.keys(require('gmm-vae')).sort()))")).toEqual(names);
    const esm = "import * as all from 'gmm-vae'; console.log(JSON.stringify(Object.keys(all).sort()))";
    const added = ['__esModule', 'default', 'module.exports'];
    expect((printed(esm, '--input-type=module') as string[]).filter((name) => !added.includes(name))).toEqual(names);
  });

  it('gives each name its value, the same every time', () => {
    const code = `const library = require('gmm-vae');
    const unstable = Object.keys(library).filter((name) => library[name] === undefined || library[name] !== library[name]);
    console.log(JSON.stringify(unstable))`;
    expect(printed(code)).toEqual([]);
  });

  it('loads TensorFlow.js for what computes with tensors, and for nothing else', () => {
    const steps = `${LOADED}
    const library = require('gmm-vae');
    const value = library.klDivergence(new library.Normal(1, 1), new library.Normal(0, 1));
    const before = loaded();
    library.Vae;
    console.log(JSON.stringify({ value, before, after: loaded() }))`;
    expect(printed(steps)).toEqual({ value: 0.5, before: false, after: true });
  });

  it('leaves TensorFlow.js on the backend that a program has chosen before it needed the package', () => {
    const code = `const library = require('gmm-vae');
    const tf = require('@tensorflow/tfjs');
    tf.registerBackend('own', () => ({}), 1);
    tf.setBackend('own');
    console.log(JSON.stringify([library.tf === undefined, tf.getBackend()]))`;
    expect(printed(code)).toEqual([false, 'own']);
  });
});
