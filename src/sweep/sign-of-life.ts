import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { HEARTBEAT, runningPath, runningText } from './state';

/** Characters of the file. What is written over it is no shorter. */
const LENGTH = 500;

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

  /** Writes over what is there: no reader finds it empty, but on a disk that was full from the start. */
  private async write(): Promise<void> {
    try {
      const file = await open(this.path, constants.O_WRONLY | constants.O_CREAT);
      await file.write(runningText(this.isClaim).padEnd(LENGTH), 0).finally(() => file.close());
    } catch {
      // Nothing is lost with it.
    }
  }
}
