import { timingSafeEqual } from 'node:crypto';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../src/notebook/kernel/connection';
import { readConnectionFile } from '../../src/notebook/kernel/connection-file';
import { Wire } from '../../src/notebook/kernel/wire';
import { temporaryFolder } from './fixtures';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

afterEach(() => void vi.restoreAllMocks());

const PORTS = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };

function connectionFile(content: unknown, mode = 0o644): string {
  const path = join(temporaryFolder(), 'connection.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

describe('a connection file', () => {
  it('is closed to other users before it is served', () => {
    const path = connectionFile({ ...PORTS, key: 'secret' });
    readConnectionFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('without an address means this machine only', () => {
    expect(readConnectionFile(connectionFile(PORTS))).toMatchObject({ transport: 'tcp', ip: '127.0.0.1' });
    expect(readConnectionFile(connectionFile({ ...PORTS, ip: '0.0.0.0' })).ip).toBe('0.0.0.0');
  });

  it.each([
    ['{', /connection\.json: .*JSON/],
    [{ ...PORTS, hb_port: 'x' }, /hb_port: expected a port number/],
    [{ ...PORTS, signature_scheme: 'hmac-md5' }, /signature_scheme hmac-md5 is not known/],
  ])('is refused in one line when it reads %j', (content, message) => {
    expect(() => readConnectionFile(connectionFile(content))).toThrow(message);
  });
});

async function freePorts(): Promise<typeof PORTS> {
  const names = Object.keys(PORTS) as (keyof typeof PORTS)[];
  const servers = names.map(() => createServer().listen(0));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(names.map((name, i) => [name, ports[i]])) as typeof PORTS;
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, end(false)).once('connect', end(true)).once('error', end(false));
  });
}

it('listens on no other address than the one it is given', async () => {
  const ports = await freePorts();
  const connection = new Connection();
  await connection.open(readConnectionFile(connectionFile({ ...ports, key: '' })));
  const open = (host: string) => Promise.all(Object.values(ports).map((port) => accepts(port, host)));
  expect(await open('127.0.0.1')).toEqual([true, true, true, true, true]);
  // Of the same machine, and answered by whatever listens on all addresses.
  expect(await open('127.0.0.2')).toEqual([false, false, false, false, false]);
  await connection.close();
});

describe('a message', () => {
  it('is authenticated in constant time before anything of it is parsed', () => {
    const wire = new Wire('key');
    const sent = new Wire('key').frames('execute_request', { code: '1' }, null).map((frame) => Buffer.from(frame));
    const forged = sent.with(1, Buffer.from('0'.repeat(64)));
    const parse = vi.spyOn(JSON, 'parse');
    vi.mocked(timingSafeEqual).mockClear();
    expect(wire.parse(forged)).toBeNull();
    expect(timingSafeEqual).toHaveBeenCalledTimes(1);
    expect(parse).not.toHaveBeenCalled();
    expect(wire.parse(sent)).toMatchObject({ header: { msg_type: 'execute_request' }, content: { code: '1' } });
    expect(timingSafeEqual).toHaveBeenCalledTimes(2);
  });

  it('counts once: its replay is dropped', () => {
    const wire = new Wire('key');
    const sent = new Wire('key').frames('execute_request', { code: '1' }, null).map((frame) => Buffer.from(frame));
    expect(wire.parse(sent)).not.toBeNull();
    expect(wire.parse(sent)).toBeNull();
  });

  it('needs no signature where the connection file has no key', () => {
    const sent = new Wire('').frames('execute_request', { code: '1' }, null).map((frame) => Buffer.from(frame));
    expect(new Wire('').parse(sent)).toMatchObject({ content: { code: '1' } });
    expect(new Wire('key').parse(sent)).toBeNull();
  });
});
