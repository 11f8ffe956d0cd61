import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { wellFormedJson } from '../well-formed';

/** Protocol version that this kernel speaks. */
export const PROTOCOL_VERSION = '5.3';

const DELIMITER = Buffer.from('<IDS|MSG>');
/** Signatures remembered to refuse replays. */
const REMEMBERED_SIGNATURES = 65_536;

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  /** The header as it came, to be echoed: what can be parsed may still be nested too deeply to be written again. */
  readonly raw: string;
}

export type Content = Readonly<Record<string, unknown>>;

export interface Message {
  /** ZeroMQ routing frames of the sender. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly content: Content;
}

/** Signs, checks and parses messages of the Jupyter wire protocol with the connection file's key. */
export class Wire {
  readonly #key: string;
  readonly #seen = new Set<string>();
  readonly #session = randomUUID();

  /** @param key Shared secret; empty when the connection file asks for unsigned messages. */
  constructor(key: string) {
    this.#key = key;
  }

  /** The message in these frames, or null for anything malformed, forged or replayed. Nothing is parsed before it is authenticated. */
  parse(frames: readonly Buffer[]): Message | null {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    const signature = frames[at + 1];
    const parts = frames.slice(at + 2);
    if (at < 0 || !signature || parts.length < 4) return null;
    if (!this.#isAuthentic(signature, parts)) return null;
    try {
      const [header, , , content] = parts.slice(0, 4).map((part) => JSON.parse(part.toString()) as unknown);
      if (!isHeader(header) || !isRecord(content)) return null;
      const { msg_id, msg_type, session, username } = header;
      const echoed = { msg_id, msg_type, session, username, raw: String(parts[0]) };
      return { identities: frames.slice(0, at), header: echoed, content };
    } catch {
      return null;
    }
  }

  #isAuthentic(signature: Buffer, parts: readonly Buffer[]): boolean {
    if (this.#key === '') return true;
    const given = Buffer.from(signature.toString('latin1').toLowerCase(), 'latin1');
    const expected = Buffer.from(this.#sign(parts));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    const name = expected.toString();
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    const oldest = this.#seen.values().next().value;
    if (this.#seen.size > REMEMBERED_SIGNATURES && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }

  #sign(parts: readonly (Buffer | string)[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  /** Frames of a message that answers `parent`. */
  frames(
    type: string,
    content: object,
    parent: Header | null,
    identities: readonly Buffer[] = [],
    metadata: object = {},
  ): (Buffer | string)[] {
    const header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.#session,
      username: parent?.username ?? 'kernel',
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    const parts = [JSON.stringify(header), parent?.raw ?? '{}', JSON.stringify(metadata), wellFormedJson(content)];
    return [...identities, DELIMITER, this.#key === '' ? '' : this.#sign(parts), ...parts];
  }
}

function isHeader(value: unknown): value is Omit<Header, 'raw'> {
  return (
    isRecord(value) &&
    ['msg_id', 'msg_type', 'session'].every((field) => typeof value[field] === 'string') &&
    (value.username === undefined || typeof value.username === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
