import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../notebook/fixtures';
import { distance, type Exported, exportedModels } from './models';

const PYTHON = join(__dirname, '..', '..', '.cache', 'elsewhere', 'bin', 'python');

function runInPython(models: readonly Exported[]): Exported['expected'][] {
  const folder = temporaryFolder();
  const jobs = models.map(({ model, inputs }, i) => {
    const path = join(folder, `${i}.onnx`);
    writeFileSync(path, model);
    return { model: path, inputs };
  });
  const options = { input: JSON.stringify(jobs), encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  return JSON.parse(execFileSync(PYTHON, [join(__dirname, 'run_onnx.py')], options)) as Exported['expected'][];
}

describe("an exported model in Python's ONNX Runtime", () => {
  const models = exportedModels();
  const results = runInPython(models);

  it.each(models.map((model, i) => [model.name, model, results[i]] as const))(
    'is well formed and gives what the library gives: %s',
    (_, model, result) => {
      expect(distance(result ?? {}, model)).toBeLessThan(1e-5);
    },
  );
});
