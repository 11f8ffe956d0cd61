import { Publisher, Router } from 'zeromq';
import { type ConnectionInfo, PORTS } from './connection-file';

/** A message larger than this closes its sender's connection. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** How long a closing socket may still deliver what was sent. */
const LINGER_MS = 500;

type Frames = (Buffer | string)[];

/** A socket that several writers may use: sends queue up, since ZeroMQ allows one at a time. */
class Outlet {
  #tail: Promise<void> = Promise.resolve();

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  send(frames: Frames): void {
    // A front end that went away must not take the kernel with it.
    this.#tail = this.#tail.then(() => this.socket.send(frames)).catch(() => {});
  }

  flushed(): Promise<void> {
    return this.#tail;
  }
}

/** The five sockets of the protocol. */
export class Connection {
  readonly #shell: Router = new Router({ maxMessageSize: MAX_MESSAGE_BYTES, linger: LINGER_MS });
  readonly #control: Router = new Router({ maxMessageSize: MAX_MESSAGE_BYTES, linger: LINGER_MS });
  readonly #stdin: Router = new Router({ maxMessageSize: MAX_MESSAGE_BYTES, linger: LINGER_MS });
  // Not a Reply, which one message without an envelope silences for good.
  readonly #heartbeat: Router = new Router({ maxMessageSize: MAX_MESSAGE_BYTES, linger: 0 });
  // No high-water mark: ZeroMQ would silently drop a cell's output above it.
  readonly #iopub: Publisher = new Publisher({ sendHighWaterMark: 0, linger: LINGER_MS });
  readonly shell: Outlet = new Outlet(this.#shell);
  readonly control: Outlet = new Outlet(this.#control);
  readonly stdin: Outlet = new Outlet(this.#stdin);
  readonly iopub: Outlet = new Outlet(this.#iopub);

  #ports: Readonly<Record<string, number>> = {};

  /** What a `connect_request` asks for. */
  get ports(): Readonly<Record<string, number>> {
    return this.#ports;
  }

  async open(info: ConnectionInfo): Promise<void> {
    this.#ports = Object.fromEntries(PORTS.map((name) => [name, info[name]]));
    const address = (port: number) =>
      info.transport === 'ipc' ? `ipc://${info.ip}-${port}` : `${info.transport}://${info.ip}:${port}`;
    await Promise.all([
      this.#iopub.bind(address(info.iopub_port)),
      this.#shell.bind(address(info.shell_port)),
      this.#control.bind(address(info.control_port)),
      this.#stdin.bind(address(info.stdin_port)),
      this.#heartbeat.bind(address(info.hb_port)),
    ]);
  }

  /** Delivers the frames of each message as they come; resolves when the sockets are closed. */
  async listen(on: Readonly<Record<'shell' | 'control' | 'stdin', (frames: Buffer[]) => void>>): Promise<void> {
    const each = async (socket: Router, receive: (frames: Buffer[]) => void): Promise<void> => {
      for await (const frames of socket) receive(frames);
    };
    const echoes = new Outlet(this.#heartbeat);
    const echo = async (): Promise<void> => {
      for await (const frames of this.#heartbeat) echoes.send(frames);
    };
    await Promise.all([
      each(this.#shell, on.shell),
      each(this.#control, on.control),
      each(this.#stdin, on.stdin),
      echo(),
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([this.shell, this.control, this.stdin, this.iopub].map((outlet) => outlet.flushed()));
    for (const socket of [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heartbeat]) socket.close();
  }
}
