import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storedControlResults, summarize, summarizeControl } from '../src';

const FOLDER = join(__dirname, '..', 'notebooks');
const results = (['plane', 'forty'] as const).map(storedControlResults);
const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`;

describe('the stored runs of the controlled comparison', () => {
  it.each(results)('of $latent dimensions have every rung with every seed, five seeds or more', (stored) => {
    const seeds = new Set(stored.runs.map(({ seed }) => seed));
    expect(seeds.size).toBeGreaterThanOrEqual(5);
    expect(stored.runs).toHaveLength(seeds.size * stored.rungs.length);
    expect(stored.command).toMatch(/^node bench\/control\.mjs \w+ notebooks\/results\/control-\w+\.json --seeds \d+$/);
  });

  it.each(results)(
    'of $latent dimensions have parts that add up to the KL term, within the noise of their draws',
    (stored) => {
      for (const run of stored.runs) {
        // The sum of the parts is the KL term from draws of its own, 4,000: 5 % is far beyond their noise.
        expect(Math.abs(run.mutualInformation + run.marginalKl - run.kl)).toBeLessThan(0.05 * run.kl);
        expect(Math.abs(run.elbo - (run.reconstruction - run.kl))).toBeLessThan(1e-3);
      }
    },
  );

  it('are what notebook 4 says in words', () => {
    const { cells } = JSON.parse(readFileSync(join(FOLDER, '04-train-gmm-vae.ipynb'), 'utf8')) as {
      cells: { source: string[] }[];
    };
    const text = cells
      .map((cell) => cell.source.join(''))
      .join('\n')
      .replace(/\s+/g, ' ');
    const said = [...text.matchAll(/([+−]\d\.\d\d) nats, 95 % interval ([+−]\d\.\d\d) to ([+−]\d\.\d\d)/g)];
    const steps = results.flatMap((stored) =>
      summarizeControl(stored).flatMap(({ step }) =>
        step ? [[step.mean, ...step.interval].map(signed).join(' ')] : [],
      ),
    );
    expect(said.length).toBeGreaterThanOrEqual(5);
    for (const [, ...numbers] of said) expect(steps).toContain(numbers.join(' '));
    const [plane] = results.map(({ runs }) => runs);
    const mismatch = (prior: string) => plane!.filter((run) => run.prior === prior).map(({ marginalKl }) => marginalKl);
    const [before, after] = [mismatch('single'), mismatch('mixture-10')];
    const gains = summarize(after.map((value, i) => value - before[i]!));
    // Student's t with nine degrees of freedom, from a table.
    const half = 2.262 * gains.standardError!;
    const ends = [gains.mean - half, gains.mean + half].map(signed);
    expect(text).toContain(`(by ${signed(gains.mean)}, 95 % interval ${ends.join(' to ')})`);
  });
});
