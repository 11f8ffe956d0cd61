/** Jupyter counts a cursor in Unicode code points, TypeScript in UTF-16 units. */
export function toUtf16(text: string, codePoints: number): number {
  let offset = 0;
  for (const character of text) {
    if (codePoints <= 0) break;
    codePoints -= 1;
    offset += character.length;
  }
  return offset;
}

export function toCodePoints(text: string, utf16: number): number {
  return [...text.slice(0, utf16)].length;
}
