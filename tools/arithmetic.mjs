// Prints a digest of what this Node's Math gives, bit for bit: node tools/arithmetic.mjs
// ECMAScript leaves the last bits of exp, log and the like to the engine; all other float64 arithmetic is laid down. Where two versions
// of Node print the same, code that does nothing but compute gives the same bits on both. Powers but squares and those of two are left
// out: Node 20 and 24 differ in them.
import { createHash } from 'node:crypto';

const COUNT = 20_000;
let state = 0x2545f491n;
const word = new BigUint64Array(1);
const asDouble = new Float64Array(word.buffer);

/** Any double, every second time one near 0, where most of what is computed lies; by an xorshift generator. @param {number} i */
function argument(i) {
  state ^= (state << 13n) & 0xffffffffffffffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffffffffffffffffn;
  word[0] = state;
  return i % 2 === 0 ? (asDouble[0] ?? 0) : (Number(state >> 11n) / 2 ** 53 - 0.5) * 40;
}

/** @type {Record<string, (x: number, i: number) => number>} */
const FUNCTIONS = {
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atan2: (x, i) => Math.atan2(x, argument(i)),
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  cos: Math.cos,
  cosh: Math.cosh,
  exp: Math.exp,
  expm1: Math.expm1,
  fround: Math.fround,
  hypot: (x, i) => Math.hypot(x, argument(i)),
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  square: (x) => x ** 2,
  powerOfTwo: (_, i) => 2 ** ((i % 2048) - 1024),
};

const hash = createHash('sha256');
const results = new Float64Array(COUNT);
for (const [name, compute] of Object.entries(FUNCTIONS)) {
  for (let i = 0; i < COUNT; i++) {
    const value = compute(argument(i), i);
    // A NaN's own bits are nobody's business.
    results[i] = Number.isNaN(value) ? Number.NaN : value;
  }
  hash.update(name).update(new Uint8Array(results.buffer));
}
process.stdout.write(`${hash.digest('hex')}\n`);
