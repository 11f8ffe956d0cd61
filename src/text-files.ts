import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { UsageError } from './errors';

/**
 * Decodes UTF-8, without a byte order mark. Nothing is guessed: code that writes back what was decoded by replacing bytes
 * destroys them for good.
 * @param name What the bytes are called in the error: a path, or "standard input".
 * @throws UsageError in one line, with the place of the first byte that is no UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name}: not valid UTF-8${place(bytes)}; save it as UTF-8 and try again`);
  }
}

/**
 * Reads a text file.
 * @param name What the file is called in errors, where that is not its path.
 * @throws UsageError in one line: no such file, a folder, cannot be read, not valid UTF-8
 */
export function readText(path: string, name: string = path): string {
  return decodeUtf8(readBytes(path, name), name);
}

/** Reads a text that need not be there. Returns null if it cannot be read. */
export function textIfReadable(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readBytes(path: string, name: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'no such file',
      EISDIR: 'is a folder',
      ENOTDIR: 'no such file: what stands for a folder in it is a file',
    };
    throw new UsageError(`${name}: ${reasons[code ?? ''] ?? `cannot be read (${code ?? String(error)})`}`);
  }
}

function place(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return ' (it is UTF-16)';
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const next = bytes.indexOf(10, start) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(start, next))) return ` in line ${line}`;
    start = next;
  }
  return '';
}

/** Text from files for one line of a terminal: line ends and controls are replaced. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}
