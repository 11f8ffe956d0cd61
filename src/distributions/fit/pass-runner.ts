import { BLOCK, loadKernels, type MixtureKernels } from './kernels';
import { blocksPerChunk, factorLength, type Pass, type PassShape, paddedTo4, resultLength } from './pass';
import type { PointBlocks } from './point-blocks';

const PAGE = 65536;

/** Where in the kernels' memory things are, in numbers from its start. */
interface Layout {
  readonly constants: number;
  readonly means: number;
  readonly factors: number;
  readonly centres: number;
  readonly terms: number;
  readonly scratch: number;
  readonly delta: number;
  readonly sums: number;
  readonly weights: number;
  readonly points: number;
  readonly end: number;
}

/** Runs passes over blocks of points with the WebAssembly kernels, in this thread. */
export class PassRunner {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly kernels: MixtureKernels = loadKernels(this.memory);
  private numbers = new Float64Array(this.memory.buffer);
  private pass: PassShape | null = null;
  private layout: Layout | null = null;

  constructor(private readonly points: PointBlocks) {}

  /** Takes over the components of the pass whose chunks will be run. */
  begin(shape: PassShape, parameters: Float64Array): void {
    this.pass = shape;
    this.layout = layoutOf(shape);
    const pages = Math.ceil((this.layout.end * 8) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) {
      this.memory.grow(pages);
      this.numbers = new Float64Array(this.memory.buffer);
    }
    this.numbers.set(parameters, this.layout.constants);
  }

  /** What the pass comes to over the blocks `from` … `to` − 1, at most `blocksPerChunk` of them. */
  run(from: number, to: number): Float64Array {
    const { pass, layout, numbers, points } = this;
    if (pass === null || layout === null) throw new Error('a chunk before its pass');
    const { d, kind, components } = pass;
    const size = d * BLOCK;
    const result = resultLength(pass, to - from);
    numbers.set(points.weights.subarray(from * BLOCK, to * BLOCK), layout.weights);
    numbers.set(points.coordinates.subarray(from * size, to * size), layout.points);
    if (kind !== 'terms') numbers.fill(0, layout.sums, layout.sums + result);
    for (let block = 0; block < to - from; block++) {
      const terms = layout.terms + (kind === 'terms' ? block * components * BLOCK : 0);
      this.runBlock(pass, layout, block, terms);
    }
    const at = kind === 'terms' ? layout.terms : layout.sums;
    return numbers.slice(at, at + result);
  }

  private runBlock(pass: PassShape, layout: Layout, block: number, at: number): void {
    const { kernels, numbers } = this;
    const { components, d, matrix, kind, second } = pass;
    const terms = 8 * at;
    const points = 8 * (layout.points + block * d * BLOCK);
    const [constants, means, factors, delta] = [
      8 * layout.constants,
      8 * layout.means,
      8 * layout.factors,
      8 * layout.delta,
    ];
    if (matrix) kernels.fullTerms(points, terms, components, d, constants, means, factors, delta);
    else kernels.diagonalTerms(points, terms, components, d, constants, means, factors);
    if (kind === 'terms') return;
    const weights = 8 * (layout.weights + block * BLOCK);
    const assign = kind === 'soft' ? kernels.soften : kernels.harden;
    numbers[layout.sums]! += assign(terms, components, weights, 8 * layout.scratch);
    kernels.accumulate(points, terms, components, d, 8 * layout.centres, 8 * (layout.sums + 1), second, delta);
  }
}

function layoutOf(shape: PassShape): Layout {
  const { components, d, matrix, kind } = shape;
  const blocks = blocksPerChunk(shape);
  let end = 2; // an address of 0 would be no address
  const take = (count: number): number => {
    const at = end;
    end += count + (count % 2); // vectors begin at multiples of 16 bytes
    return at;
  };
  const constants = take(components + components * (2 * d + factorLength(d, matrix)));
  const means = constants + components;
  const factors = means + components * d;
  return {
    constants,
    means,
    factors,
    centres: factors + components * factorLength(d, matrix),
    terms: take(components * BLOCK * (kind === 'terms' ? blocks : 1)),
    scratch: take(2 * BLOCK),
    delta: take(2 * paddedTo4(d) * BLOCK),
    sums: take(kind === 'terms' ? 0 : resultLength(shape, 1)),
    weights: take(blocks * BLOCK),
    points: take(blocks * BLOCK * d),
    get end() {
      return end;
    },
  };
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
    if (this.shape.kind === 'terms') {
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
