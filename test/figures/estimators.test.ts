import { describe, expect, it } from 'vitest';
import { efficiencyFigure } from '../../src/figures/efficiency';
import { estimatorDecayFigure } from '../../src/figures/estimator-decay';
import { gradientVarianceFigure } from '../../src/figures/gradient-variance';
import { sandwichedEstimatesFigure } from '../../src/figures/sandwich';
import { winnerMapFigure } from '../../src/figures/winner-map';

interface Trace {
  readonly name?: string;
  readonly x?: readonly unknown[];
  readonly y?: readonly unknown[];
  readonly visible?: boolean;
  readonly error_y?: { readonly array: readonly number[] };
  readonly text?: readonly (readonly string[])[];
  readonly z?: readonly (readonly number[])[];
}
const traces = ({ data }: { readonly data: readonly object[] }) => data as readonly Trace[];

describe('figures of the estimators', () => {
  it('name each line with its fitted slope and its interval, and show one slider step at a time', () => {
    const fit = { exponent: -1.161, interval: [-1.25, -1.072] } as const;
    const lines = [{ name: 'rqmc', samples: [1, 4], squaredErrors: [1, 0.2], fit }];
    const figure = estimatorDecayFigure({ label: 'separation', groups: [1, 2, 4].map((value) => ({ value, lines })) });
    expect(traces(figure).map(({ name }) => name)).toEqual(new Array(3).fill('rqmc: −1.16 (−1.25 to −1.07)'));
    expect(traces(figure).map(({ visible }) => visible)).toEqual([false, true, false]);
    expect(figure.alt).toContain('At 4: rqmc −1.16 (−1.25 to −1.07)');
  });

  it('writes a slope of nothing without a sign', () => {
    const fit = { exponent: -0.001, interval: [-0.04, 0.04] } as const;
    const lines = [{ name: 'k2', samples: [1, 2], squaredErrors: [1, 1], fit }];
    const { alt } = estimatorDecayFigure({ label: 'd', groups: [{ value: 1, lines }] });
    expect(alt).toContain('k2 0.00 (−0.04 to 0.04)');
  });

  it('sort the bars of efficiency and say their values', () => {
    const figure = efficiencyFigure({ names: ['plain', 'rqmc', 'k3'], efficiencies: [1, 250, 0.5] });
    expect(traces(figure)[0]).toMatchObject({ y: ['k3', 'plain', 'rqmc'], x: [0.5, 1, 250] });
    expect(figure.alt).toContain('rqmc 250');
  });

  it('write the best estimator and those that tie with it into each cell of the map, coloured by the gain’s decimal logarithm', () => {
    const figure = winnerMapFigure({
      dimensions: [1, 8],
      separations: [2],
      winners: [[['rqmc', 'stratified']], [['plain']]],
      gains: [[100], [1]],
    });
    expect(traces(figure)[0]).toMatchObject({ text: [['rqmc<br>stratified'], ['plain']], z: [[2], [0]] });
    expect(figure.alt).toContain('d = 1: rqmc or stratified; d = 8: plain');
  });

  it('say how the variance of each gradient changes with the distance', () => {
    const groups = [{ value: 2, lines: [{ name: 'reparameterised', variances: [1.5, 2.5] }] }];
    const figure = gradientVarianceFigure({ label: 'K', distances: [0, 2], groups });
    expect(figure.alt).toContain('K = 2: reparameterised from 1.5 to 2.5');
  });

  const group = { value: 0.5, at: [0, 1], lower: [0, 1], upper: [2, 3], estimates: [1, 2], reach: [0.1, 0.2] };
  const sandwiched = (...groups: (typeof group)[]) =>
    sandwichedEstimatesFigure({ label: 'σ', parameter: 'separation', groups });

  it('put estimates with their intervals between the bounds', () => {
    const [lower, upper, estimate] = traces(sandwiched(group));
    expect([lower!.y, upper!.y, estimate!.y, estimate!.error_y!.array]).toEqual([
      [0, 1],
      [2, 3],
      [1, 2],
      [0.1, 0.2],
    ]);
  });

  it('say that all estimates lie between the bounds only where they do', () => {
    expect(sandwiched(group).alt).toContain('All 2 estimates lie between the bounds');
    // The second estimate of the second group is 0.4 below its lower bound, twice its reach; the first, on a bound, is not outside.
    const { alt, layout } = sandwiched(group, { ...group, estimates: [2, 0.6] });
    const spill = 'not every estimate: 1 of 4 lie outside, the farthest by 2.00 times';
    expect(alt).toContain(spill);
    expect((layout as { readonly meta: { readonly caption: string } }).meta.caption).toContain(spill);
  });
});
