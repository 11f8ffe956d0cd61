import { nth } from '../../nth';
import type { Shape } from './graph';

/** The shape that numpy broadcasting gives; throws where the shapes do not fit. */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const fromEnd = rank - i;
    const sizes = shapes.filter((shape) => shape.length >= fromEnd).map((shape) => dim(shape, -fromEnd));
    const [size = 1, ...others] = new Set(sizes.filter((n) => n !== 1));
    if (others.length > 0) throw new Error(`shapes do not broadcast: ${shapes.map(formatShape).join(' and ')}`);
    return size;
  });
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/**
 * The length of `shape` along `axis`, which counts from the end where it is negative.
 *
 * @throws RangeError where the shape has no such axis: a length must not be guessed
 */
export function dim(shape: Shape, axis: number): number {
  return nth(shape, axis);
}

/** `axis` counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** `shape` with `axes` reduced to 1, or removed. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i));
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
