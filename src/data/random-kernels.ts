import type { RandomStream } from '../math/random';
import { compileKernels } from '../math/wasm';
import { KERNELS_WASM } from './kernels.generated';

/** The passes of assembly/random.ts; addresses in bytes. */
interface RandomKernels {
  fillNormal(out: number, length: number, state: number, scratch: number): void;
  binarise(bytes: number, out: number, length: number, state: number): void;
}

/** Numbers drawn at a time; a multiple of 8. */
const BLOCK = 4096;
const [STATE, BYTES, OUT, SCRATCH] = [0, 64, 64 + BLOCK, 64 + 5 * BLOCK];

/** The passes and the memory that they work in. */
class Draws {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly words = new Int32Array(this.memory.buffer, STATE, 4);
  private readonly bytes = new Uint8Array(this.memory.buffer, BYTES, BLOCK);
  private readonly out = new Float32Array(this.memory.buffer, OUT, BLOCK);
  private readonly kernels: RandomKernels;

  constructor() {
    const module = compileKernels(KERNELS_WASM);
    const imports = { env: { memory: this.memory }, random: { log: (x: number) => Math.log(x) } };
    this.kernels = new WebAssembly.Instance(module, imports).exports as unknown as RandomKernels;
  }

  normals(stream: RandomStream, out: Float32Array): void {
    this.from(stream, () => {
      for (let at = 0; at < out.length; at += BLOCK) {
        const length = Math.min(BLOCK, out.length - at);
        this.kernels.fillNormal(OUT, length, STATE, SCRATCH);
        out.set(this.out.subarray(0, length), at);
      }
    });
  }

  bits(stream: RandomStream, rows: Iterable<Uint8Array>, out: Float32Array): void {
    let at = 0;
    this.from(stream, () => {
      for (const row of rows) {
        for (let from = 0; from < row.length; from += BLOCK) {
          const length = Math.min(BLOCK, row.length - from);
          const filled = Math.ceil(length / 8) * 8;
          this.bytes.fill(0, length, filled);
          this.bytes.set(row.subarray(from, from + length));
          this.kernels.binarise(BYTES, OUT, filled, STATE);
          out.set(this.out.subarray(0, length), at);
          at += length;
        }
      }
    });
  }

  /** The state's low word of each 64 bits comes first in memory, and last in the stream's list of words. */
  private from(stream: RandomStream, draw: () => void): void {
    stream.advance(([high0, low0, high1, low1]) => {
      this.words.set([low0, high0, low1, high1]);
      draw();
      const [nextLow0, nextHigh0, nextLow1, nextHigh1] = this.words as unknown as Words;
      return [nextHigh0, nextLow0, nextHigh1, nextLow1];
    });
  }
}

type Words = readonly [number, number, number, number];

let draws: Draws | null = null;

/** `stream.fillNormal(out)`, bit for bit, in a fifth of the time. */
export function fillNormal(stream: RandomStream, out: Float32Array): void {
  draws ??= new Draws();
  draws.normals(stream, out);
}

/** Fills `out` with a draw of Bernoulli(byte/255) for each byte of the rows. Black and white consume no random number. */
export function drawBits(stream: RandomStream, rows: Iterable<Uint8Array>, out: Float32Array): void {
  draws ??= new Draws();
  draws.bits(stream, rows, out);
}
