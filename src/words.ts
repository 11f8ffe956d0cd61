/** A number and what it counts: `1 sample`, `2,000 samples` where `shown` groups its digits. */
export function counted(count: number | null, noun: string, shown = String(count)): string {
  return `${shown} ${noun}${count === 1 ? '' : 's'}`;
}

/** A number for people to read: `−0.65` with a minus sign, which a screen reader speaks, for its hyphen, and `0.00` without one. */
export function fixed(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}
