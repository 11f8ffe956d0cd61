import { Option } from 'commander';
import { UsageError } from '../errors';

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
