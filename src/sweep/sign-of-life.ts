import { rm, writeFile } from 'node:fs/promises';
import { HEARTBEAT, runningPath, runningText } from './state';

/** Shows others that an attempt is alive, by a file in its own folder. */
export class SignOfLife {
  private isClaim = true;
  private last: Promise<void>;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    look: () => void,
  ) {
    this.last = this.write();
    this.timer = setInterval(() => {
      void this.renew();
      look();
    }, HEARTBEAT);
  }

  /**
   * Begins as a claim.
   *
   * @param look is called whenever the sign is renewed
   */
  static async begin(attempt: string, look: () => void): Promise<SignOfLife> {
    const sign = new SignOfLife(runningPath(attempt), look);
    await sign.last;
    return sign;
  }

  /** Says that the claim is good: from here on, the attempt is at work. */
  async settle(): Promise<void> {
    this.isClaim = false;
    await this.renew();
  }

  private renew(): Promise<void> {
    this.last = this.last.then(() => this.write());
    return this.last;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.last;
    await rm(this.path, { force: true });
  }

  /** Writes in place, since nothing is lost with it. On a full disk it may be empty. */
  private write(): Promise<void> {
    return writeFile(this.path, runningText(this.isClaim)).catch(() => {});
  }
}
