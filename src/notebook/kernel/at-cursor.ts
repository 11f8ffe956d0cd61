import type { KernelSession } from '../session/session';
import { toCodePoints, toUtf16 } from './text';
import type { Content } from './wire';

/** The content of a `complete_reply`. */
export async function complete(session: KernelSession, content: Content): Promise<Content> {
  const code = text(content.code);
  const cursor = toUtf16(code, cursorOf(content, code));
  const { start, end, matches } = await session.complete(code, cursor);
  return {
    status: 'ok',
    matches,
    cursor_start: toCodePoints(code, start),
    cursor_end: toCodePoints(code, end),
    metadata: {},
  };
}

/** The content of an `inspect_reply`. */
export async function inspect(session: KernelSession, content: Content): Promise<Content> {
  const code = text(content.code);
  const { text: found } = await session.inspect(code, toUtf16(code, cursorOf(content, code)));
  const data = found === null ? {} : { 'text/plain': found };
  return { status: 'ok', found: found !== null, data, metadata: {} };
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function cursorOf(content: Content, code: string): number {
  return typeof content.cursor_pos === 'number' ? content.cursor_pos : [...code].length;
}
