import { UsageError } from '../errors';

/** A parser for `Command.option`: reads a number as JSON and JavaScript write it, `1e5` too, and refuses anything else in one line. */
export type NumberParser = (text: string) => number;

/** `300`, `3e2`. */
export function positiveInteger(option: string): NumberParser {
  return (text) => whole(option, text, 'a positive whole number', (value) => value >= 1);
}

/** `300,300`. */
export function positiveIntegers(option: string): (text: string) => number[] {
  const one = positiveInteger(option);
  return (text) => text.split(',').map(one);
}

export function integer(option: string): NumberParser {
  return (text) => whole(option, text, 'a whole number', () => true);
}

/** `1,2,3`: each once. */
export function integers(option: string): (text: string) => number[] {
  const one = integer(option);
  return (text) => [...new Set(text.split(',').map(one))];
}

/** 0, 1, 2, … */
export function wholeNumber(option: string): NumberParser {
  return (text) => whole(option, text, 'a whole number ≥ 0', (value) => value >= 0);
}

export function numberFrom(option: string, smallest: 'above zero' | 'zero'): NumberParser {
  return (text) => {
    const value = read(text);
    if (Number.isFinite(value) && (smallest === 'zero' ? value >= 0 : value > 0)) return value;
    throw new UsageError(`${option}: expected a number ${smallest === 'zero' ? '≥ 0' : '> 0'}, got '${text}'`);
  };
}

export function fraction(option: string): NumberParser {
  return (text) => {
    const value = read(text);
    if (value > 0 && value < 1) return value;
    throw new UsageError(`${option}: expected a number between 0 and 1, got '${text}'`);
  };
}

/** NaN where the text is no number. */
function read(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

function whole(option: string, text: string, expected: string, accepts: (value: number) => boolean): number {
  const value = read(text);
  if (Number.isInteger(value) && accepts(value)) {
    if (Number.isSafeInteger(value)) return value;
    const problem = `expected ${expected} of at most ${Number.MAX_SAFE_INTEGER}, beyond which they cannot be told apart, got '${text}'`;
    throw new UsageError(`${option}: ${problem}`);
  }
  throw new UsageError(`${option}: expected ${expected}, got '${text}'`);
}
