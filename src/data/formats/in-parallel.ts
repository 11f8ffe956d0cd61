import { availableParallelism } from 'node:os';

/** Twice as many as there are cores: one is read from the disk while another is decoded. The first error by place in the list counts. */
export async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let [next, failedAt] = [0, Number.POSITIVE_INFINITY];
  let failure: unknown = null;
  const worker = async (): Promise<void> => {
    while (next < Math.min(count, failedAt)) {
      const index = next++;
      try {
        await work(index);
      } catch (error) {
        if (index < failedAt) [failedAt, failure] = [index, error];
      }
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker));
  if (failure !== null) throw failure;
}
