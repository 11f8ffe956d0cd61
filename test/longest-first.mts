import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Starts the files that take longest first, so that none of them begins when the others end. Vitest knows how long a file took only
 * where it has run it before, which a clean checkout has not.
 * @param longest Ends of their paths, without `.test.ts` or `.check.ts`
 */
export function longestFirst(longest: readonly string[]): typeof BaseSequencer {
  const rank = ({ moduleId }: TestSpecification): number => {
    const at = longest.findIndex((name) => moduleId.replace(/\.(test|check)\.ts$/, '').endsWith(`/${name}`));
    return at < 0 ? longest.length : at;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
    }
  };
}
