// Products of float32 matrices with the bits of TensorFlow.js's `cpu`: 48 products are added in float64, one after the other, and such
// sums in float32. Four rows and four columns are computed together, which changes the order of no sum. Addresses are in bytes, steps in
// elements.

const BLOCK: i32 = 48;
/** Bytes of four float64. */
const FOUR: usize = 32;

/** Copies an m × p matrix as float64, four columns after four; columns that are missing at the end are zeros. */
export function packColumns(b: usize, rowStep: i32, columnStep: i32, m: i32, p: i32, panels: usize): void {
  for (let j = 0; j < p; j += 4) {
    const width = min(4, p - j);
    for (let k = 0; k < m; k++, panels += FOUR) {
      const from = b + ((<usize>(k * rowStep + j * columnStep)) << 2);
      for (let c = 0; c < 4; c++) {
        const value: f64 = c < width ? <f64>load<f32>(from + ((<usize>(c * columnStep)) << 2)) : 0;
        store<f64>(panels + ((<usize>c) << 3), value);
      }
    }
  }
}

/** Copies four rows of a matrix as float64, side by side; rows that are missing at the end are zeros. */
function packRows(a: usize, rowStep: i32, columnStep: i32, height: i32, m: i32, lines: usize): void {
  for (let k = 0; k < m; k++, lines += FOUR) {
    for (let r = 0; r < 4; r++) {
      const value: f64 = r < height ? <f64>load<f32>(a + ((<usize>(r * rowStep + k * columnStep)) << 2)) : 0;
      store<f64>(lines + ((<usize>r) << 3), value);
    }
  }
}

/**
 * Adds the product of an n × m matrix and of packed columns to `result`, whose rows and columns are filled up to a multiple of four.
 * @param lines room for 4·m float64
 */
export function addProduct(
  a: usize,
  rowStep: i32,
  columnStep: i32,
  n: i32,
  m: i32,
  p: i32,
  panels: usize,
  lines: usize,
  result: usize,
): void {
  const stride = (<usize>((p + 3) & ~3)) << 2;
  for (let i = 0; i < n; i += 4, result += 4 * stride) {
    packRows(a + ((<usize>(i * rowStep)) << 2), rowStep, columnStep, min(4, n - i), m, lines);
    let panel = panels;
    for (let out = result; out < result + stride; out += 16) {
      for (let k = 0, line = lines; k < m; k += BLOCK) {
        const depth = <usize>min(BLOCK, m - k) * FOUR;
        addBlock(line, panel, depth, out, stride);
        line += depth;
        panel += depth;
      }
    }
  }
}

/** Adds what 48 of the shared dimension, or fewer at its end, give for four rows and four columns. */
function addBlock(line: usize, panel: usize, depth: usize, out: usize, stride: usize): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (const end = line + depth; line < end; line += FOUR, panel += FOUR) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    const a = v128.load_splat<f64>(line);
    a0 = f64x2.add(a0, f64x2.mul(a, left));
    a1 = f64x2.add(a1, f64x2.mul(a, right));
    const b = v128.load_splat<f64>(line, 8);
    b0 = f64x2.add(b0, f64x2.mul(b, left));
    b1 = f64x2.add(b1, f64x2.mul(b, right));
    const c = v128.load_splat<f64>(line, 16);
    c0 = f64x2.add(c0, f64x2.mul(c, left));
    c1 = f64x2.add(c1, f64x2.mul(c, right));
    const d = v128.load_splat<f64>(line, 24);
    d0 = f64x2.add(d0, f64x2.mul(d, left));
    d1 = f64x2.add(d1, f64x2.mul(d, right));
  }
  addRow(out, a0, a1);
  addRow(out + stride, b0, b1);
  addRow(out + 2 * stride, c0, c1);
  addRow(out + 3 * stride, d0, d1);
}

function addRow(out: usize, left: v128, right: v128): void {
  const old = v128.load(out);
  const first = f32x4.demote_f64x2_zero(f64x2.add(f64x2.promote_low_f32x4(old), left));
  const high = v128.shuffle<f32>(old, old, 2, 3, 2, 3);
  const second = f32x4.demote_f64x2_zero(f64x2.add(f64x2.promote_low_f32x4(high), right));
  v128.store(out, v128.shuffle<f32>(first, second, 0, 1, 4, 5));
}
