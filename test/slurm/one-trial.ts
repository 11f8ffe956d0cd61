import { expect } from 'vitest';
import { type Cluster, type Ended, TRAIN, until } from './cluster';

const FILE = `train: {${TRAIN}, epochs: 180, prior: normal, seed: 1}\nevaluate: {samples: 300, limit: 100}\nslurm: {partition: low}\n`;

/** A sweep of one trial, again and again, beside the same on this machine in one go. */
export class OneTrial {
  /** What all of the others are to come to. */
  readonly straight: Promise<Ended>;

  constructor(private readonly cluster: Cluster) {
    cluster.file('one.yaml', FILE);
    this.straight = cluster.sweep('run', 'one.yaml', '--output', 'straight', '--json');
  }

  submit(folder: string): Promise<Ended> {
    return this.cluster.sweep('run', 'one.yaml', '--output', folder, '--engine', 'slurm', '--wait');
  }

  /** When the one trial runs in a later attempt than so many and has come further than so far. */
  async furtherThan(folder: string, step: number, attempts: number): Promise<number> {
    let now = 0;
    await until(`${folder} past step ${step}`, () => {
      const [id = ''] = this.cluster.ids(folder);
      now = this.cluster.savedStep(folder, id);
      return now > step && this.cluster.attempts(folder, id).length > attempts;
    });
    return now;
  }

  /** In which job, and on which node, it runs. */
  running(): { job: string; node: string } {
    const [job = '', node = ''] = this.cluster
      .slurm('squeue', '-h', '-t', 'RUNNING', '-p', 'low', '-o', '%i %N')
      .trim()
      .split(' ');
    return { job, node };
  }

  /** The power of the node where it runs fails, and comes back. */
  powerFailure(): void {
    const { node } = this.running();
    this.cluster.script('kill', node);
    this.cluster.script('node', node);
  }

  async expectSameBits(folder: string): Promise<void> {
    const { code, err } = await this.straight;
    expect(code, err).toBe(0);
    expect(this.cluster.results(folder)).toEqual(this.cluster.results('straight'));
  }
}
