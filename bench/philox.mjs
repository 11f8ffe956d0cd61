// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, 2011) of operators that ONNX Runtime has for WebGPU, which lacks xor, and and shifts: the bits,
// kernel launches, bytes and time of the uniforms that a batch of dynamic binarisation takes, beside the bytes of uploading the batch.
// node bench/philox.mjs [--images 128] [--pixels 784] [--rounds 5]; by the software driver: see docs/benchmarks/gpu.md
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import protobuf from 'protobufjs/minimal.js';

const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '128' },
    pixels: { type: 'string', default: '784' },
    rounds: { type: 'string', default: '5' },
    device: { type: 'string', default: 'webgpu' },
  },
});
const numbers = Number(options.images) * Number(options.pixels);
const blocks = Math.ceil(numbers / 4);

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57];
const WEYL = [0x9e3779b9, 0xbb67ae85];
const TURNS = 10;

/** Four words for each counter [i, 0, step, 0], as the paper has it. */
function philox(step, key) {
  const words = Array.from({ length: 4 }, () => new Uint32Array(blocks));
  const high = (a, b) => Number((BigInt(a) * BigInt(b)) >> 32n);
  for (let i = 0; i < blocks; i++) {
    let [c0, c1, c2, c3] = [i, 0, step, 0];
    for (let turn = 0; turn < TURNS; turn++) {
      const [k0, k1] = key.map((k, at) => (k + turn * WEYL[at]) >>> 0);
      const [h0, h1] = [high(c0, MULTIPLIERS[0]), high(c2, MULTIPLIERS[1])];
      const [l0, l1] = [Math.imul(c0, MULTIPLIERS[0]) >>> 0, Math.imul(c2, MULTIPLIERS[1]) >>> 0];
      [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    }
    [c0, c1, c2, c3].forEach((word, at) => {
      words[at][i] = word;
    });
  }
  return words;
}

/** Nodes over 32-bit unsigned integers, by numbered names; constants are initializers. */
class Nodes {
  nodes = [];
  constants = [];

  constant(values, shape, type = 'uint32') {
    const name = `c${this.constants.length}`;
    this.constants.push({ name, values, shape, type });
    return name;
  }

  add(op, inputs, attributes = {}) {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ op, inputs, attributes, name });
    return name;
  }
}

/** Both products' upper halves, in halves of 16 bits, of which no sum overflows. */
function upperHalves(b, x, multipliers) {
  const half = b.constant([65536], [1]);
  const [up, low] = [(m) => m >>> 16, (m) => m & 0xffff].map((part) => b.constant(multipliers.map(part), [2, 1]));
  const rest = (value, upper) => b.add('Sub', [value, b.add('Mul', [upper, half])]);
  const upper = b.add('Div', [x, half]);
  const lower = rest(x, upper);
  const crossed = b.add('Add', [b.add('Mul', [upper, low]), b.add('Div', [b.add('Mul', [lower, low]), half])]);
  const carried = b.add('Div', [crossed, half]);
  const other = b.add('Add', [b.add('Mul', [lower, up]), rest(crossed, carried)]);
  return b.add('Add', [b.add('Add', [b.add('Mul', [upper, up]), carried]), b.add('Div', [other, half])]);
}

/** a ^ b ^ key: ⌊a/2^j⌋ + ⌊b/2^j⌋ + ⌊key/2^j⌋ is odd where bit j of that is 1. The last of these is the host's. */
function xor(b, a, other, keyShifts, powers) {
  const shifted = (value) => b.add('Div', [b.add('Unsqueeze', [value, b.constant([2], [1], 'int64')]), powers]);
  const sum = b.add('Add', [b.add('Add', [shifted(a), shifted(other)]), keyShifts]);
  const two = b.constant([2], [1]);
  const bits = b.add('Sub', [sum, b.add('Mul', [b.add('Div', [sum, two]), two])]);
  return b.add('ReduceSum', [b.add('Mul', [bits, powers]), b.constant([2], [1], 'int64')], { keepdims: 0 });
}

function graphOf() {
  const b = new Nodes();
  const powers = b.constant(
    Array.from({ length: 32 }, (_, j) => 2 ** j),
    [1, 1, 32],
  );
  const swapped = b.constant([1, 0], [2], 'int64');
  const multipliers = b.constant(MULTIPLIERS, [2, 1]);
  let [x, y] = ['counters', b.constant(new Uint32Array(2 * blocks), [2, blocks])];
  for (let turn = 0; turn < TURNS; turn++) {
    // Rows are c0 and c2 in x, c1 and c3 in y: each turn crosses them.
    const high = b.add('Gather', [upperHalves(b, x, MULTIPLIERS), swapped], { axis: 0 });
    const low = b.add('Gather', [b.add('Mul', [x, multipliers]), swapped], { axis: 0 });
    x = xor(b, high, y, `key${turn}`, powers);
    y = low;
  }
  return { ...b, outputs: [b.add('Add', [x, b.constant([0], [1])]), b.add('Add', [y, b.constant([0], [1])])] };
}

const TYPES = { float32: 1, int64: 7, uint32: 12 };
const writer = () => protobuf.Writer.create();

function encode({ nodes, constants, outputs }) {
  const w = writer();
  w.uint32(8).int64(9);
  const g = w.uint32(58).fork();
  for (const { op, inputs, attributes, name } of nodes) {
    const n = g.uint32(10).fork();
    for (const input of inputs) n.uint32(10).string(input);
    n.uint32(18).string(name).uint32(34).string(op);
    for (const [key, value] of Object.entries(attributes)) {
      n.uint32(42).fork().uint32(10).string(key).uint32(24).int64(value).uint32(160).int32(2).ldelim();
    }
    n.ldelim();
  }
  g.uint32(18).string('philox');
  for (const { name, values, shape, type } of constants) {
    const array = type === 'int64' ? BigInt64Array.from(values, BigInt) : Uint32Array.from(values);
    const t = g.uint32(42).fork();
    for (const n of shape) t.uint32(8).int64(n);
    t.uint32(16).int32(TYPES[type]).uint32(66).string(name).uint32(74).bytes(new Uint8Array(array.buffer)).ldelim();
  }
  const value = (field, name, shape) => {
    const t = g.uint32(field).fork().uint32(10).string(name).uint32(18).fork().uint32(10).fork();
    t.uint32(8).int32(TYPES.uint32);
    const s = t.uint32(18).fork();
    for (const n of shape) s.uint32(10).fork().uint32(8).int64(n).ldelim();
    s.ldelim().ldelim().ldelim().ldelim();
  };
  value(90, 'counters', [2, blocks]);
  for (let turn = 0; turn < TURNS; turn++) value(90, `key${turn}`, [2, 1, 32]);
  for (const name of outputs) value(98, name, [2, blocks]);
  g.ldelim();
  w.uint32(66).fork().uint32(16).int64(18).ldelim();
  return w.finish();
}

function feedsOf(step, key) {
  const counters = new Uint32Array(2 * blocks);
  for (let i = 0; i < blocks; i++) counters[i] = i;
  counters.fill(step, blocks);
  const tensor = (values, shape) => new ort.Tensor('uint32', values, shape);
  const keys = Array.from({ length: TURNS }, (_, turn) => {
    const own = key.map((k, at) => (k + turn * WEYL[at]) >>> 0);
    const shifts = own.flatMap((k) => Array.from({ length: 32 }, (_, j) => k >>> j));
    return [`key${turn}`, tensor(Uint32Array.from(shifts), [2, 1, 32])];
  });
  return { counters: tensor(counters, [2, blocks]), ...Object.fromEntries(keys) };
}

// The first of the known answers that come with the paper's code: counter and key zero.
if (
  philox(0, [0, 0])
    .map((word) => word[0].toString(16))
    .join() !== '6627e8d5,e169c58d,bc57ac4c,9b00dbd8'
) {
  throw new Error('the processor draws something else than Philox 4x32-10');
}

const NO_KERNEL = new Set(['Unsqueeze', 'Reshape', 'MemcpyFromHost', 'MemcpyToHost', 'Identity']);
const { outputs, ...built } = graphOf();
const model = encode({ ...built, outputs });
const folder = mkdtempSync(join(tmpdir(), 'philox-'));
const session = await ort.InferenceSession.create(model, {
  executionProviders: [options.device],
  logSeverityLevel: 4,
  enableProfiling: true,
  profileFilePrefix: join(folder, 'profile'),
});
const [step, key] = [7, [0x12345678, 0x9abcdef0]];
const feeds = feedsOf(step, key);
const found = await session.run(feeds);
session.endProfiling();
const [file] = readdirSync(folder);
const events = JSON.parse(readFileSync(join(folder, file), 'utf8')).filter(
  ({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'),
);
rmSync(folder, { recursive: true });
const onHost = events.filter(({ args }) => args.provider === 'CPUExecutionProvider').map(({ args }) => args.op_name);
const launches = events.filter(({ args }) => args.provider !== 'CPUExecutionProvider' && !NO_KERNEL.has(args.op_name));

const [c0, c1, c2, c3] = philox(step, key);
const right = [
  [outputs[0], c0, c2],
  [outputs[1], c1, c3],
].every(([name, first, second]) => [...first, ...second].every((word, i) => word === found[name].data[i]));
const times = [];
for (let round = 0; round < Number(options.rounds); round++) {
  const start = performance.now();
  await session.run(feeds);
  times.push(performance.now() - start);
}
const bytes = 2 * launches.reduce((sum, { args }) => sum + Number(args.output_size ?? 0), 0);
console.log(`${numbers} numbers on ${options.device}: ${right ? 'the bits of the processor' : 'WRONG BITS'}`);
console.log(`launches ${launches.length}; on the host ${onHost.length ? onHost.join(' ') : 'none'}`);
console.log(
  `written and read on the device at least ${(bytes / 1e6).toFixed(0)} MB; uploaded for a batch of floats ${((4 * numbers) / 1e3).toFixed(0)} kB`,
);
console.log(`fastest of ${times.length}: ${Math.min(...times).toFixed(1)} ms`);
if (!right) process.exitCode = 1;
