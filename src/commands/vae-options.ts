import { type Command, Option } from 'commander';
import { UsageError } from '../errors';
import { integer, numberFrom, positiveInteger, wholeNumber } from './numbers';
import { addTrainingFlags } from './train/training-flags';

export { integer, numberFrom, positiveInteger, wholeNumber };

/** `300,300`. */
export function positiveIntegers(option: string): (text: string) => number[] {
  const one = positiveInteger(option);
  return (text) => text.split(',').map(one);
}

/** `1,2,3`: each once. */
export function integers(option: string): (text: string) => number[] {
  const one = integer(option);
  return (text) => [...new Set(text.split(',').map(one))];
}

/** A path. The empty one would be the present folder. */
export function folderPath(option: string): (text: string) => string {
  return (text) => {
    if (text.trim() !== '') return text;
    throw new UsageError(`${option}: expected a folder, got '${text}'`);
  };
}

export function choice<T extends string>(flags: string, description: string, choices: readonly T[], start?: T): Option {
  const option = new Option(flags, description).choices(choices);
  return start === undefined ? option : option.default(start);
}

/** Where tensors are computed: the same two options for every command that does. */
export function addDeviceOptions(command: Command): Command {
  return addTrainingFlags(command, ['device', 'threads']);
}
