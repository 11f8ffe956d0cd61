import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors';
import { readYaml } from '../src/yaml-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gmm-vae-yaml-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(yaml: string): unknown {
  writeFileSync(join(folder, 'a.yaml'), yaml);
  return readYaml(join(folder, 'a.yaml'));
}

describe('a YAML file', () => {
  it('is refused with its line where a number in it is too large to be one', () => {
    for (const text of ['1e999', '-1e999', '1.5E+400', `1${'0'.repeat(400)}`]) {
      const refused = () => read(`a: 1\nb: [0,\n  ${text}]\n`);
      expect(refused).toThrow(UsageError);
      expect(refused).toThrow(`a.yaml: line 3: ${text} exceeds the largest number, 1.7976931348623157e+308`);
    }
    // In a file that is JSON, too.
    expect(() => read('{"samples": 1e999}')).toThrow('line 1: 1e999 exceeds');
  });

  it('is refused with its line where an integer in it is none that a number can be', () => {
    const refused = () => read('seeds: [7,\n  12345678901234567890]');
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      'line 2: 12345678901234567890 cannot be held exactly, the nearest number is 12345678901234567000',
    );
    for (const text of ['9007199254740993', '-9007199254740993', '+9007199254740993', '100000000000000000000000'])
      expect(() => read(`a: ${text}`)).toThrow('cannot be held exactly');
    // These are numbers, or ask for the nearest, or are text.
    const large =
      '[9007199254740992, -9007199254740994, 10000000000000000000000, 9007199254740993.0, 1e23, "9007199254740993"]';
    expect(read(large)).toEqual([2 ** 53, -(2 ** 53) - 2, 1e22, 2 ** 53, 1e23, '9007199254740993']);
  });

  it('is refused where a key of it would be lost on the way', () => {
    expect(() => read('train: {__proto__: 3}')).toThrow('a.yaml: __proto__ cannot be a key');
    expect(() => read('a: __proto__')).not.toThrow();
  });

  it('may say infinity and NaN in words of its own, and has text where there are quotes', () => {
    expect(read('[.inf, -.INF, .nan, "1e999", 1e308]')).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      '1e999',
      1e308,
    ]);
  });
});
