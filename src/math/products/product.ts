import { compileKernels } from '../wasm';
import { KERNELS_WASM } from './kernels.generated';

/** A matrix in an array: element (row, column) is at `row · rowStep + column · columnStep`. */
export interface MatrixView {
  readonly values: Float32Array;
  readonly rowStep: number;
  readonly columnStep: number;
}

interface Kernels {
  packColumns(b: number, rowStep: number, columnStep: number, m: number, p: number, panels: number): void;
  addProduct(
    ...args: [a: number, rowStep: number, columnStep: number, n: number, m: number, p: number, ...rooms: number[]]
  ): void;
}

const PAGE = 65_536;
/** Rows that are computed at a time: bounds the memory, which is kept. */
const ROWS = 512;

const upToFour = (size: number): number => 4 * Math.ceil(size / 4);

/** Products of matrices, in memory that grows to what the largest one takes. */
export class Products {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #kernels = new WebAssembly.Instance(compileKernels(KERNELS_WASM), { env: { memory: this.#memory } })
    .exports as unknown as Kernels;

  /** Writes the product of an n × m and an m × p matrix, row-major, into `result`. */
  multiply(
    [n, m, p]: readonly [n: number, m: number, p: number],
    a: MatrixView,
    b: MatrixView,
    result: Float32Array,
  ): void {
    const stride = upToFour(p);
    const panels = 0;
    const lines = panels + 8 * m * stride;
    const columns = lines + 8 * 4 * m;
    const rows = columns + 4 * m * p;
    const out = 8 * Math.ceil((rows + 4 * n * m) / 8);
    const height = upToFour(Math.min(n, ROWS));
    this.#reserve(out + 4 * height * stride);
    new Float32Array(this.#memory.buffer, columns, m * p).set(b.values);
    new Float32Array(this.#memory.buffer, rows, n * m).set(a.values);
    this.#kernels.packColumns(columns, b.rowStep, b.columnStep, m, p, panels);
    for (let i = 0; i < n; i += ROWS) {
      const some = Math.min(ROWS, n - i);
      const made = new Float32Array(this.#memory.buffer, out, upToFour(some) * stride).fill(0);
      const from = rows + 4 * i * a.rowStep;
      this.#kernels.addProduct(from, a.rowStep, a.columnStep, some, m, p, panels, lines, out);
      for (let r = 0; r < some; r++) result.set(made.subarray(r * stride, r * stride + p), (i + r) * p);
    }
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }
}
