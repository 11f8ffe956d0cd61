import { open, stat, truncate } from 'node:fs/promises';

/** One HTTP transfer into a file that may already hold the beginning. */
export interface Transfer {
  readonly url: string;
  /** Grows as bytes arrive; what it holds before is asked to be continued. */
  readonly part: string;
  readonly signal: AbortSignal;
  /** Give up when nothing arrives for this many milliseconds. */
  readonly stallMs: number;
  /** `total` is null where the server does not say. */
  readonly onBytes: (received: number, total: number | null) => void;
}

/** A transfer that failed; `retry` says whether asking the same server again can help. The message is one line. */
export class TransferError extends Error {
  override readonly name = 'TransferError';

  constructor(
    message: string,
    readonly retry: boolean,
  ) {
    super(message);
  }
}

/**
 * Fetches `url` into `part`, from where the file ends (an HTTP range request) when the server can, else from the start.
 * Where it fails, the bytes received so far stay, on the disk, for the next call.
 * HTTP clients repeat a request from its start. What a server may answer to a range of bytes is most of the work, and none does it.
 *
 * @throws TransferError on an HTTP error, a refused or cut connection, silence; the signal's reason when aborted
 */
export async function transfer(request: Transfer): Promise<void> {
  const silence = new AbortController();
  const watchdog = setTimeout(() => silence.abort(), request.stallMs);
  const signal = AbortSignal.any([request.signal, silence.signal]);
  try {
    const response = await ask(request, signal);
    if (response) await store(response, request, () => watchdog.refresh());
  } catch (error) {
    request.signal.throwIfAborted();
    if (silence.signal.aborted) throw new TransferError(`nothing received for ${request.stallMs / 1000} s`, true);
    throw error instanceof TransferError ? error : networkError(error);
  } finally {
    clearTimeout(watchdog);
  }
}

/** The response whose body belongs at the end of `part` (emptied first where it must be); null when nothing is missing. */
async function ask({ url, part }: Transfer, signal: AbortSignal): Promise<Response | null> {
  const have = await sizeOf(part);
  // Without `identity` a server may compress on the way, and byte ranges would count other bytes than those stored.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (have > 0) headers.range = `bytes=${have}-`;
  const response = await fetch(url, { headers, signal });
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (have > 0 && response.status === 416 && Number(range?.[2]) === have) {
    await response.body?.cancel();
    return null;
  }
  if (response.status === 206 && range && Number(range[1]) === have) return response;
  if (response.status === 200) {
    await empty(part);
    return response;
  }
  await response.body?.cancel();
  if (have > 0 && (response.status === 206 || response.status === 416)) {
    await empty(part);
    throw new TransferError(`HTTP ${response.status}: the server cannot continue at byte ${have}`, true);
  }
  const busy = response.status === 429 || response.status >= 500;
  throw new TransferError(`HTTP ${response.status} ${response.statusText}`.trimEnd(), busy);
}

async function store(response: Response, { part, onBytes }: Transfer, onChunk: () => void): Promise<void> {
  let received = await sizeOf(part);
  const length = response.headers.get('content-length');
  const total = length === null ? null : received + Number(length);
  const file = await open(part, 'a');
  try {
    onBytes(received, total);
    for await (const chunk of response.body ?? []) {
      onChunk();
      await file.appendFile(chunk);
      received += chunk.length;
      onBytes(received, total);
    }
  } finally {
    await file.sync();
    await file.close();
  }
}

/** The size of a file in bytes; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function empty(path: string): Promise<void> {
  if ((await sizeOf(path)) > 0) await truncate(path, 0);
}

const NETWORK_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection cut',
  UND_ERR_SOCKET: 'connection cut',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the host name could not be looked up (no network?)',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
};

/** fetch reports the network's failures as a TypeError whose cause carries a code; errors of the disk pass unchanged. */
function networkError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const code = cause?.code ?? '';
  const what = NETWORK_FAILURES[code] ?? cause?.message ?? error.message;
  const permanent = code === 'ECONNREFUSED' || code === 'ENOTFOUND';
  return new TransferError(code ? `${what} (${code})` : what, !permanent);
}
