/** A number and what it counts: `1 sample`, `2 samples`. */
export function counted(count: number | null, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A number for people to read, with a minus sign for its hyphen. */
export function fixed(value: number, digits = 2): string {
  return value.toFixed(digits).replace('-', '−');
}
