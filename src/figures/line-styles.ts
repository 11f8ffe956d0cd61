import { TEN_COLOURS } from './theme';

const MARKERS = ['circle', 'square', 'diamond', 'cross', 'x'] as const;

/** A colour and a marker of its own for each of ten lines; an eleventh starts over, dashed. */
export function lineStyle(index: number): object {
  return {
    line: { color: TEN_COLOURS[index % TEN_COLOURS.length], dash: index < TEN_COLOURS.length ? 'solid' : 'dash' },
    marker: { symbol: MARKERS[index % MARKERS.length] },
  };
}
