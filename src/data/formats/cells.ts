import { UsageError } from '../../errors';

/** NaN for what is no decimal number: JavaScript would take `0x10`, too. */
export function decimal(cell: string): number {
  return cell.trim() === '' || PREFIXED.test(cell) ? Number.NaN : Number(cell);
}

const PREFIXED = /^\s*[-+]?0[xob]/i;

/** NaN for what is no number. */
export function numeric(cell: unknown): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  return Number.NaN;
}

/** One form of a name: é may be one character or two (NFC, NFD), which look the same; macOS writes names of files in the latter. */
export function sameLetters(text: string): string {
  return text.normalize('NFC');
}

/** @throws UsageError on what names no class */
export function labelOf(cell: unknown, where: string): string | number {
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  // Neighbours among the integers beyond 2^53 are one number.
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell === 'string' && cell.trim() !== '') {
    const text = sameLetters(checkText(cell.trim(), where));
    // 7 and 007 are two classes.
    return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
  }
  throw new UsageError(`${where}: expected a class, got ${shownCell(cell)}`);
}

export function shownCell(cell: unknown): string {
  if (cell === null || cell === undefined || cell === '') return 'nothing';
  const text = typeof cell === 'bigint' ? String(cell) : (JSON.stringify(cell) ?? String(cell));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Text of another encoding would be read with U+FFFD for its letters, and two classes become one. */
export function checkText(text: string, where: string): string {
  if (!text.includes('\ufffd')) return text;
  throw new UsageError(`${where}: expected UTF-8 text, got ${shownCell(text)}; save the table as UTF-8`);
}
