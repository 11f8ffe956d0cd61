/** Whether the text is of an integer that no number is: the one that is read in its place was not given. */
export function isInexact(text: string): boolean {
  if (!/^[-+]?\d+$/.test(text)) return false;
  const nearest = Number(text);
  return Number.isFinite(nearest) && BigInt(text) !== BigInt(nearest);
}
