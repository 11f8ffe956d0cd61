import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import type { CellOutput, ExecuteReply } from '../../src/notebook/session/protocol';
import { type ExecuteOptions, KernelSession } from '../../src/notebook/session/session';
import { temporaryFolder, until, within } from './fixtures';

export interface Ran {
  readonly reply: ExecuteReply;
  readonly outputs: CellOutput[];
}

/** A session in a folder of its own, with what the tests of a file ask of it. */
export class SessionUnderTest {
  readonly project = temporaryFolder();
  readonly cwd = join(this.project, 'notebooks');
  session!: KernelSession;
  count = 0;

  constructor(private readonly options: { readonly env?: NodeJS.ProcessEnv } = {}) {
    mkdirSync(this.cwd);
  }

  async start(): Promise<void> {
    this.session?.close();
    this.session = new KernelSession({ cwd: this.cwd, ...this.options });
    await this.session.ready();
  }

  run = async (source: string, options: Partial<ExecuteOptions> = {}, outputs: CellOutput[] = []): Promise<Ran> => {
    this.count += 1;
    const reply = this.session.execute(source, {
      count: this.count,
      onOutput: (output) => outputs.push(output),
      ...options,
    });
    return { reply: await within(`cell ${this.count}`, reply), outputs };
  };

  /** The plain text of a cell's last value, or its error. */
  value = async (source: string): Promise<string> => {
    const { reply, outputs } = await this.run(source);
    if (reply.status === 'error') return `${reply.ename}: ${reply.evalue}`;
    const result = outputs.find((output) => output.type === 'execute_result');
    return result ? String(result.data['text/plain']) : '';
  };

  /** Starts a cell that prints `going`; resolves when it has, or has ended. */
  going = async (source: string, options: Partial<ExecuteOptions> = {}): Promise<{ ran: Promise<Ran> }> => {
    const outputs: CellOutput[] = [];
    let ended = false;
    const ran = this.run(source, options, outputs).finally(() => {
      ended = true;
    });
    await until(
      'the cell is going',
      () => ended || outputs.some((output) => output.type === 'stream' && /going/.test(output.text)),
    );
    return { ran };
  };

  /** Interrupts such a cell a little later, and tells how long it then took to end. */
  interruptedAfter = async (source: string, ms = 50): Promise<Ran & { ms: number }> => {
    const { ran } = await this.going(source);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const start = performance.now();
    await this.session.interrupt();
    return { ...(await ran), ms: performance.now() - start };
  };
}

export function traceback({ reply }: Ran): string {
  return reply.status === 'error' ? stripVTControlCharacters(reply.traceback.join('\n')) : 'no error';
}

export function startSession(): SessionUnderTest {
  const under = new SessionUnderTest();
  beforeAll(() => under.start());
  afterAll(() => under.session.close());
  return under;
}
