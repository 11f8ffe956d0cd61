import { describe, expect, it } from 'vitest';
import {
  efficiencyFigure,
  estimatorDecayFigure,
  gradientVarianceFigure,
  sandwichedEstimatesFigure,
  winnerMapFigure,
} from '../../src/figures/estimators';

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
  it('name each line with its fitted slope, and show one slider step at a time', () => {
    const lines = [{ name: 'rqmc', samples: [1, 4], variances: [1, 0.2], exponent: -1.161 }];
    const figure = estimatorDecayFigure({ label: 'separation', groups: [1, 2, 4].map((value) => ({ value, lines })) });
    expect(traces(figure).map(({ name }) => name)).toEqual(['rqmc: N^−1.16', 'rqmc: N^−1.16', 'rqmc: N^−1.16']);
    expect(traces(figure).map(({ visible }) => visible)).toEqual([false, true, false]);
    expect(figure.alt).toContain('rqmc −1.16');
  });

  it('sort the bars of efficiency and say their values', () => {
    const figure = efficiencyFigure({ names: ['plain', 'rqmc', 'k3'], efficiencies: [1, 250, 0.5] });
    expect(traces(figure)[0]).toMatchObject({ y: ['k3', 'plain', 'rqmc'], x: [0.5, 1, 250] });
    expect(figure.alt).toContain('rqmc 2.5e+2');
  });

  it('write the winner into each cell of the map, coloured by the gain’s decimal logarithm', () => {
    const figure = winnerMapFigure({
      dimensions: [1, 8],
      separations: [2],
      winners: [['rqmc'], ['plain']],
      gains: [[100], [1]],
    });
    expect(traces(figure)[0]).toMatchObject({ text: [['rqmc'], ['plain']], z: [[2], [0]] });
  });

  it('say how the variance of each gradient changes with the distance', () => {
    const groups = [{ value: 2, lines: [{ name: 'reparameterised', variances: [1.5, 2.5] }] }];
    const figure = gradientVarianceFigure({ label: 'K', distances: [0, 2], groups });
    expect(figure.alt).toContain('K = 2: reparameterised from 1.5 to 2.5');
  });

  it('put estimates with their intervals between the bounds', () => {
    const group = { value: 0.5, at: [0, 1], lower: [0, 1], upper: [2, 3], estimates: [1, 2], reach: [0.1, 0.2] };
    const [lower, upper, estimate] = traces(
      sandwichedEstimatesFigure({ label: 'σ', parameter: 'separation', groups: [group] }),
    );
    expect([lower!.y, upper!.y, estimate!.y, estimate!.error_y!.array]).toEqual([
      [0, 1],
      [2, 3],
      [1, 2],
      [0.1, 0.2],
    ]);
  });

  it('count the estimates outside the bounds, and those that chance does not explain', () => {
    const group = {
      value: 0.5,
      at: [0, 1, 2],
      lower: [0, 1, 1],
      upper: [2, 3, 2],
      estimates: [1, 0.9, 2.5],
      reach: [0.1, 0.2, 0.2],
    };
    const { alt, layout } = sandwichedEstimatesFigure({ label: 'σ', parameter: 'separation', groups: [group] });
    const { caption } = (layout as { meta: { caption: string } }).meta;
    for (const text of [alt, caption])
      expect(text).toContain('2 of 3 estimates lie outside the bounds, 1 of them by more than their interval');
  });
});
