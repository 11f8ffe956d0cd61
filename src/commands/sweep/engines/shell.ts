export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The call that runs one trial, for a shell; the trial's id is to follow. */
export function taskCommand(sweep: string): string {
  return `${quoted(process.execPath)} ${quoted(process.argv[1] as string)} sweep task ${quoted(sweep)}`;
}
