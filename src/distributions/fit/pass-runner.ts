import { BLOCK, loadKernels, type MixtureKernels } from './kernels';
import { addresses, type Layout, layoutOf } from './layout';
import { blocksPerChunk, isPerPoint, type Pass, type PassShape, resultLength } from './pass';
import type { PointBlocks } from './point-blocks';

const PAGE = 65536;

/** Points that take no more than this stay in the kernels' memory from pass to pass. */
const RESIDENT_NUMBERS = 2 ** 23;

/** Runs passes over blocks of points with the WebAssembly kernels, in this thread. */
export class PassRunner {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly kernels: MixtureKernels = loadKernels(this.memory);
  private numbers = new Float64Array(this.memory.buffer);
  private pass: PassShape | null = null;
  private layout: Layout | null = null;
  private bytes: Layout | null = null;
  private readonly resident: boolean;
  /** The version in which each block stands in memory. */
  private readonly held: Float64Array;

  constructor(private readonly points: PointBlocks) {
    const { count, d } = points;
    this.resident = count * BLOCK * (d + 1) <= RESIDENT_NUMBERS;
    this.held = new Float64Array(count);
  }

  /** Takes over the components of the pass whose chunks will be run. */
  begin(shape: PassShape, parameters: Float64Array): void {
    this.pass = shape;
    this.layout = layoutOf(shape, this.resident ? this.points.count : blocksPerChunk(shape));
    this.bytes = addresses(this.layout);
    const pages = Math.ceil((this.layout.end * 8) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) {
      this.memory.grow(pages);
      this.numbers = new Float64Array(this.memory.buffer);
    }
    this.numbers.set(parameters, this.layout.constants);
  }

  /** What the pass comes to over the blocks `from` … `to` − 1, at most `blocksPerChunk` of them. */
  run(from: number, to: number): Float64Array {
    const { pass, layout, bytes, numbers } = this;
    if (pass === null || layout === null || bytes === null) throw new Error('a chunk before its pass');
    const result = resultLength(pass, to - from);
    const perBlock = isPerPoint(pass) ? resultLength(pass, 1) : 0;
    if (perBlock === 0) numbers.fill(0, layout.result, layout.result + result);
    for (let block = from; block < to; block++) {
      this.load(layout, block, this.resident ? block : block - from);
      const home = this.points.homes[block]!;
      const out = layout.result + (block - from) * perBlock;
      this.runBlock(pass, bytes, this.resident ? block : block - from, { home, out });
    }
    return numbers.slice(layout.result, layout.result + result);
  }

  private load(layout: Layout, block: number, slot: number): void {
    const { d, version, coordinates, weights } = this.points;
    if (this.resident && this.held[block] === version) return;
    const size = d * BLOCK;
    this.numbers.set(coordinates.subarray(block * size, (block + 1) * size), layout.points + slot * size);
    this.numbers.set(weights.subarray(block * BLOCK, (block + 1) * BLOCK), layout.weights + slot * BLOCK);
    this.held[block] = version;
  }

  private runBlock(
    { kind, components, d, matrix, second }: PassShape,
    at: Layout,
    slot: number,
    { home, out }: { readonly home: number; readonly out: number },
  ): void {
    const { kernels, numbers } = this;
    const points = at.points + 8 * slot * d * BLOCK;
    const weights = at.weights + 8 * slot * BLOCK;
    if (kind === 'terms') {
      kernels.diagonalTerms(points, 8 * out, components, d, at.constants, at.means, at.factors);
      return;
    }
    const near = [points, at.terms, at.alive, components, d, Math.min(home, components - 1)] as const;
    const densities = [at.constants, at.ceilings, at.means, at.factors, at.scratch] as const;
    const rows = matrix
      ? kernels.fullRows(...near, ...densities, at.delta)
      : kernels.diagonalRows(...near, ...densities);
    if (kind === 'labels') {
      kernels.label(at.terms, at.alive, rows, at.scratch, 8 * out);
      return;
    }
    const assign = kind === 'soft' ? kernels.soften : kernels.harden;
    numbers[out]! += assign(at.terms, rows, weights, at.scratch);
    kernels.accumulate(points, at.terms, at.alive, rows, d, at.centres, 8 * (out + 1), second, at.delta);
  }
}

/** The chunks of a pass over so many blocks. */
export function* chunksOf(shape: PassShape, blocks: number): Generator<{ readonly from: number; readonly to: number }> {
  const step = blocksPerChunk(shape);
  for (let from = 0; from < blocks; from += step) yield { from, to: Math.min(from + step, blocks) };
}

/** Puts together what chunks return; they come in their order. */
export class PassResult {
  readonly values: Float64Array;
  private at = 0;

  constructor(
    private readonly shape: PassShape,
    blocks: number,
  ) {
    this.values = new Float64Array(resultLength(shape, blocks));
  }

  add(chunk: Float64Array): void {
    const { values } = this;
    if (isPerPoint(this.shape)) {
      values.set(chunk, this.at);
      this.at += chunk.length;
    } else for (let i = 0; i < chunk.length; i++) values[i]! += chunk[i]!;
  }
}

/** The whole pass. */
export function runPass(runner: PassRunner, pass: Pass, blocks: number): Float64Array {
  const result = new PassResult(pass, blocks);
  runner.begin(pass, pass.parameters);
  for (const { from, to } of chunksOf(pass, blocks)) result.add(runner.run(from, to));
  return result.values;
}
