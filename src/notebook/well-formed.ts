const ESCAPE = /\\(?:ud[89a-f][\da-f]{2}|.)/g;

/**
 * Writes JSON whose every text can be encoded as UTF-8. Half a surrogate pair, as in `'😀'.slice(0, 1)`, becomes U+FFFD, as
 * where Node writes it to a terminal: Python's Jupyter would die of it.
 */
export function wellFormedJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Whole pairs stand as they are; what is escaped here is alone.
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPE, (one) => (one.startsWith('\\ud') ? '\\ufffd' : one));
}
