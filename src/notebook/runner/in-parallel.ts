import { nth } from '../../nth';
/**
 * Results in the order of the inputs, at most `jobs` at work. `lastFirst` begins with the last input.
 * One that fails does not stop the others; the first failure is thrown when all have ended.
 */
export async function inParallel<A, B>(
  inputs: readonly A[],
  jobs: number,
  work: (input: A, index: number) => Promise<B>,
  { lastFirst = false }: { readonly lastFirst?: boolean } = {},
): Promise<B[]> {
  const results: B[] = [];
  const left = lastFirst ? [...inputs.keys()].reverse() : [...inputs.keys()];
  const failures: unknown[] = [];
  const one = async (at: number): Promise<void> => {
    try {
      results[at] = await work(nth(inputs, at), at);
    } catch (error) {
      failures.push(error);
    }
  };
  const worker = async (): Promise<void> => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) await one(at);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, inputs.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
