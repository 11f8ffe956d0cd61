import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a mirror does with the n-th request (from 0) for its file. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, n: number) => void;

export interface Mirror {
  /** Ends in `/`. */
  readonly url: string;
  /** The `Range` header of every request, in order; null where there was none. */
  readonly ranges: (string | null)[];
  readonly close: () => Promise<void>;
}

/** A real HTTP server on this machine. */
export async function startMirror(behave: Behaviour): Promise<Mirror> {
  const ranges: (string | null)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? null);
    behave(request, response, ranges.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}/`, ranges, close };
}

/** Serves `content`, and ranges of it, as a good server does. */
export const withRanges =
  (content: Uint8Array): Behaviour =>
  (request, response) => {
    const from = rangeStart(request);
    if (from === null) response.writeHead(200, { 'content-length': content.length }).end(content);
    else if (from >= content.length) response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    else partial(response, content, from).end(content.subarray(from));
  };

/** Serves the whole `content` whatever was asked. */
export const withoutRanges =
  (content: Uint8Array): Behaviour =>
  (_request, response) =>
    response.writeHead(200, { 'content-length': content.length }).end(content);

/**
 * Serves from the asked range on, and breaks the connection after `length` bytes while fewer than `cuts` were broken; not before they have
 * arrived, since what the client has not read by then is lost to it.
 * @param arrived resolves when the client has so many bytes of the content
 */
export const cutting =
  (content: Uint8Array, length: number, cuts: number, arrived: (bytes: number) => Promise<void>): Behaviour =>
  (request, response, n) => {
    if (n >= cuts) return withRanges(content)(request, response, n);
    const from = rangeStart(request);
    if (from === null) response.writeHead(200, { 'content-length': content.length });
    else partial(response, content, from);
    const to = (from ?? 0) + length;
    response.write(content.subarray(from ?? 0, to));
    void arrived(to).finally(() => response.destroy());
  };

export const answering =
  (status: number): Behaviour =>
  (_request, response) =>
    response.writeHead(status).end('a page of prose, not data');

function rangeStart(request: IncomingMessage): number | null {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  return range ? Number(range[1]) : null;
}

function partial(response: ServerResponse, content: Uint8Array, from: number): ServerResponse {
  return response.writeHead(206, {
    'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    'content-length': content.length - from,
  });
}
