import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../src/commands/kl/repeated-key';

describe('a key that an object of a JSON text has twice', () => {
  it.each([
    ['{"q": 1, "p": 2, "q": 3}', 'q'],
    ['{"q": {"components": [{"a": 1}, {"mean": [0, 1], "mean": []}]}}', 'q.components[1].mean'],
    ['[[], [1, {"a": {}, "b": [{}], "a": ","}]]', '[1][1].a'],
    ['{"\\u0061": 1, "a": 2}', 'a'],
    ['{"a\\"": "}", "a\\"": 1}', 'a"'],
  ])('is named with its place: %s', (text, found) => {
    JSON.parse(text);
    expect(repeatedKey(text)).toBe(found);
  });

  it.each([
    '{"a": {"a": {"a": ["a", "a", {"a": "a"}, {"a": "a"}]}}}',
    '{"a": "b:{", "b": ":\\"a\\":", "c": "\\\\", "d": ["\\\\\\"", "x,a"]}',
    '[]',
    '"a"',
    ' {"": 0, " ": 0} ',
  ])('is not found where there is none: %s', (text) => {
    JSON.parse(text);
    expect(repeatedKey(text)).toBeUndefined();
  });
});
