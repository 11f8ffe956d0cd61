import { describe, expect, it } from 'vitest';
import { densityFigure, GaussianMixture, klBounds, mixtureKlFigure, Normal, quadratureKl } from '../../src';

interface Trace {
  readonly name: string;
  readonly x: number[];
  readonly y: number[];
}
interface Handle {
  readonly label: string;
  readonly x: { readonly at: number };
  readonly y: { readonly at: number; readonly peak: number };
}
const tracesOf = ({ data }: { readonly data: readonly object[] }) => data as readonly Trace[];
const handlesOf = ({ layout }: { readonly layout: object }) =>
  (layout as { meta: { handles?: readonly Handle[] } }).meta.handles ?? [];

describe('densityFigure', () => {
  const [q, p] = [new Normal(1.2, 0.5), new Normal(0, 1)];

  it('draws a step downhill from the peak and one from the shoulder, which point to p', () => {
    const gradient = { mean: 1.2, stddev: 0.5 - 1 / 0.5 };
    const [inMean, inStddev] = tracesOf(densityFigure(q, p, { gradient })).slice(-2);
    expect(inMean?.x).toEqual([1.2, expect.closeTo(1.2 - 0.36, 5)]);
    expect(inMean?.y[0]).toBeCloseTo(Math.exp(q.logProb(1.2)), 5);
    expect(inStddev?.x).toEqual([1.7, expect.closeTo(1.7 + 0.45, 5)]);
    expect(inStddev?.y[0]).toBeCloseTo(Math.exp(q.logProb(1.7)), 5);
  });

  it('has no handle unless it is asked for, and then at the peak of q', () => {
    expect(handlesOf(densityFigure(q, p))).toEqual([]);
    const [handle] = handlesOf(densityFigure(q, p, { drag: { mean: 'm', stddev: 's' } }));
    expect(handle).toMatchObject({ label: 'q', x: { control: 'm', at: 1.2 }, y: { control: 's', peak: 1 } });
    expect(handle!.y.at).toBeCloseTo(Math.exp(q.logProb(1.2)), 5);
  });

  it('says what a q without a mean lacks', () => {
    const bare = { logProb: () => 0 };
    expect(() => densityFigure(bare, p, { drag: { mean: 'm', stddev: 's' } })).toThrow('expected q to be a Normal');
    expect(() => densityFigure(bare, p, { gradient: { mean: 0, stddev: 0 } })).toThrow('expected q to be a Normal');
  });
});

describe('mixtureKlFigure', () => {
  const q = new Normal(0.6, 0.7);
  const p = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.8), new Normal(2, 0.6)]);
  const view = { from: -5, to: 5, top: 1, kl: quadratureKl(q, p), bounds: klBounds(q, p) };
  const drag = {
    q: { mean: 'm', stddev: 's' },
    components: [
      { mean: 'm1', stddev: 's1' },
      { mean: 'm2', stddev: 's2' },
    ],
  };

  it('draws components that add up to p, and responsibilities that add up to 1', () => {
    const traces = tracesOf(mixtureKlFigure(q, p, view));
    const of = (name: string) => traces.find((trace) => trace.name === name)!.y;
    const [one, two, whole] = [of('component 1'), of('component 2'), of('p')];
    const [first, second] = [of('responsibility of 1'), of('responsibility of 2')];
    for (const [i, density] of whole.entries()) {
      expect(one[i]! + two[i]!).toBeCloseTo(density, 5);
      expect(first[i]! + second[i]!).toBeCloseTo(1, 5);
      expect(first[i]).toBeCloseTo(one[i]! / density, 4);
    }
  });

  it('has a handle at each peak, from whose height the width follows', () => {
    const handles = handlesOf(mixtureKlFigure(q, p, { ...view, drag }));
    expect(handles.map(({ label }) => label)).toEqual(['component 1', 'component 2', 'q']);
    const widths = handles.map(({ y }) => y.peak / (y.at * Math.sqrt(2 * Math.PI)));
    for (const [i, width] of [0.8, 0.6, 0.7].entries()) expect(widths[i]).toBeCloseTo(width, 4);
    expect(handles.map(({ x }) => x.at)).toEqual([-2, 2, 0.6]);
  });
});
