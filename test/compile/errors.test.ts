import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';

afterEach(() => tf.disposeVariables());

const inputs = { x: [2] } as const;

describe('what cannot be compiled says so', () => {
  it('reading a value inside', async () => {
    await expect(compile(({ x }) => tf.mul(x, x.dataSync()[0] ?? 0), { inputs })).rejects.toThrow(
      /value of f32\[2\] is read .* return the tensor/,
    );
  });

  it('asking for a value inside and going on without waiting for it', async () => {
    const fn = ({ x }: { x: tf.Tensor }): tf.Tensor => {
      void x.data();
      return tf.neg(x);
    };
    await expect(compile(fn, { inputs })).rejects.toThrow(/value of f32\[2\] is read .* return the tensor/);
  });

  it('keeping a tensor for later, which is let go of', async () => {
    const kept: tf.Tensor[] = [];
    const fn = ({ x }: { x: tf.Tensor }): tf.Tensor => {
      kept.push(tf.keep(tf.neg(x)));
      return x;
    };
    const before = tf.memory().numTensors;
    await expect(compile(fn, { inputs })).rejects.toThrow(/keeps a float32\[2\] tensor \(tf.keep.* return the tensor/);
    expect(kept[0]?.isDisposed).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('making an optimizer inside, which would begin anew at every call', async () => {
    const w = tf.variable(tf.scalar(1));
    const fn = ({ x }: { x: tf.Tensor }) => tf.train.sgd(0.1).minimize(() => tf.sum(tf.mul(x, w)) as tf.Scalar, true);
    await expect(compile(fn, { inputs })).rejects.toThrow(/make and set optimizers before compile/);
  });

  it.each([
    ['given', ({ x }: { x: tf.Tensor }) => x],
    ['computed', ({ x }: { x: tf.Tensor }) => tf.exp(x)],
  ])('using a tensor that was %s in an earlier call', async (_, make) => {
    let previous: tf.Tensor | undefined;
    const fn = ({ x }: { x: tf.Tensor }): tf.Tensor => {
      const last = previous ?? tf.zeros([2]);
      previous = make({ x });
      return tf.sub(x, last);
    };
    await expect(compile(fn, { inputs })).rejects.toThrow(
      /f32\[2\] tensor that it .* in an earlier call.* tf.variable/,
    );
  });

  it('using a tensor that was disposed of before', async () => {
    const gone = tf.ones([2]);
    gone.dispose();
    await expect(compile(({ x }) => tf.add(x, gone), { inputs })).rejects.toThrow(
      /float32\[2\] tensor that was disposed of before: make it outside of tf.tidy/,
    );
  });

  it('disposing of a variable inside', async () => {
    const w = tf.variable(tf.scalar(1), true, 'weight');
    const fn = ({ x }: { x: tf.Tensor }): tf.Tensor => {
      const result = tf.mul(x, w);
      w.dispose();
      return result;
    };
    await expect(compile(fn, { inputs })).rejects.toThrow('disposes of the tf.variable weight: dispose of it outside');
  });

  it('reading a variable inside, though it has a value outside', async () => {
    const w = tf.variable(tf.scalar(1));
    await expect(compile(({ x }) => tf.mul(x, w.arraySync() as number), { inputs })).rejects.toThrow(/is read/);
  });

  it.each([
    ['randomNormal', () => tf.randomNormal([2])],
    ['randomUniform', () => tf.randomUniform([2])],
    ['truncatedNormal', () => tf.truncatedNormal([2])],
    ['dropout', () => tf.dropout(tf.ones([2]), 0.5)],
  ])('drawing random numbers by %s', async (name, draw) => {
    await expect(compile(({ x }) => tf.add(x, draw()), { inputs })).rejects.toThrow(
      new RegExp(`${name}\\(\\) inside a compiled function .* pass them to run\\(\\) as an input`),
    );
  });

  it('drawing random numbers in JavaScript, which two traces give away', async () => {
    await expect(compile(({ x }) => tf.add(x, Math.random()), { inputs })).rejects.toThrow(
      /twice gave different graphs/,
    );
  });

  it.each([
    ['returned', ({ x }: { x: tf.Tensor }): tf.Tensor[] => [x, tf.tensor1d([1, 2, 3, 4, 5, Math.random()])]],
    [
      'assigned to a variable',
      ({ x }: { x: tf.Tensor }): tf.Tensor[] => {
        tf.engine().registeredVariables.w?.assign(tf.tensor1d([1, 2, 3, 4, Math.random()]));
        return [x];
      },
    ],
  ])('drawing random numbers that are only %s, as constants', async (_, fn) => {
    tf.variable(tf.zeros([5]), true, 'w');
    await expect(compile(fn, { inputs })).rejects.toThrow(/twice gave different graphs/);
  });

  // Each gives the same graph at every trace, since traces leave the counts as they were.
  it.each<[string, () => tf.Optimizer, (optimizer: tf.Optimizer, x: tf.Tensor) => tf.Tensor]>([
    ['a weight that grows', () => tf.train.adam(0.1), (o, x) => tf.mul(x, Math.min(1, o.iterations / 1000))],
    ['a branch', () => tf.train.sgd(0.1), (o, x) => (o.iterations % 100 === 0 ? tf.neg(x) : x)],
    ['a table that ends', () => tf.train.sgd(0.1), (o, x) => tf.mul(x, [[1, 2], [3]][o.iterations]?.[0] as number)],
  ])('%s with the steps that an optimizer has counted', async (_, make, weighted) => {
    const [w, optimizer] = [tf.variable(tf.scalar(1)), make()];
    const fn = ({ x }: { x: tf.Tensor }) =>
      optimizer.minimize(() => tf.sum(weighted(optimizer, tf.mul(x, w))) as tf.Scalar, true) as tf.Scalar;
    await expect(compile(fn, { inputs })).rejects.toThrow(
      /how many steps an optimizer has counted .* pass that to run/,
    );
    expect(optimizer.iterations).toBe(0);
  });

  it('a learning rate that an optimizer of your own computes from the steps it has counted', async () => {
    class WarmUp extends tf.AdamOptimizer {
      override applyGradients(gradients: Parameters<tf.AdamOptimizer['applyGradients']>[0]): void {
        this.learningRate = 0.1 * Math.min(1, (this.iterations + 1) / 10);
        super.applyGradients(gradients);
      }
    }
    const [w, optimizer] = [tf.variable(tf.scalar(1)), new WarmUp(0.1, 0.9, 0.999)];
    const fn = ({ x }: { x: tf.Tensor }) =>
      optimizer.minimize(() => tf.sum(tf.mul(x, w)) as tf.Scalar, true) as tf.Scalar;
    await expect(compile(fn, { inputs })).rejects.toThrow(/how many steps an optimizer has counted/);
  });

  it('but not a schedule that has come to its end, which is constant from here on', async () => {
    const [w, optimizer] = [tf.variable(tf.scalar(1)), tf.train.sgd(0.1)];
    for (let i = 0; i < 3; i++) optimizer.minimize(() => tf.square(w) as tf.Scalar);
    const step = await compile(
      ({ x }) =>
        optimizer.minimize(
          () => tf.sum(tf.mul(tf.mul(x, w), Math.min(1, optimizer.iterations / 2))) as tf.Scalar,
          true,
        ) as tf.Scalar,
      { inputs },
    );
    tf.dispose(await step.run({ x: Float32Array.of(1, 2) }));
    await step.sync();
    expect(optimizer.iterations).toBe(4);
    await step.dispose();
  });

  it('a kernel without a lowering, with its name, its shapes and what is supported', async () => {
    await expect(compile(({ x }) => tf.real(tf.complex(x, x)), { inputs })).rejects.toThrow(
      /the kernel Complex\(real: f32\[2\], imag: f32\[2\]\) cannot be compiled. Supported: .*MatMul .*Sum/,
    );
  });

  it('a function that neither returns nor changes anything', async () => {
    await expect(compile(({ x }) => void tf.neg(x) as undefined, { inputs })).rejects.toThrow(
      /there is nothing to compile/,
    );
  });

  it('an async function', async () => {
    const fn = (async ({ x }: { x: tf.Tensor }) => x) as unknown as (inputs: { x: tf.Tensor }) => tf.Tensor;
    await expect(compile(fn, { inputs })).rejects.toThrow(/must not be async/);
  });

  // What the abandoned promises come to would end the process, if anything.
  it.each([
    ['waits for a value', async (x: tf.Tensor) => tf.mul(x, (await x.data())[0] ?? 0)],
    ['fails', async (x: tf.Tensor) => Promise.reject(new Error(`not ${x.shape}`))],
  ])('an async function that %s', async (_, body) => {
    const fn = (({ x }: { x: tf.Tensor }) => body(x)) as unknown as (inputs: { x: tf.Tensor }) => tf.Tensor;
    await expect(compile(fn, { inputs })).rejects.toThrow(/must not be async/);
  });

  it('a function that makes a variable at every call', async () => {
    await expect(compile(({ x }) => tf.add(x, tf.variable(tf.zeros([2]))), { inputs })).rejects.toThrow(
      /creates a tf.variable at every call/,
    );
  });

  it('leaves tfjs in order after an error', async () => {
    const w = tf.variable(tf.scalar(1));
    await compile(({ x }) => tf.mul(tf.mul(x, w), x.dataSync()[0] ?? 0), { inputs }).catch(() => {});
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.add(w, 1).dataSync()[0]).toBe(2);
  });
});

describe('a step that is used wrongly says so', () => {
  it.each([
    ['another shape', { x: tf.zeros([3]) }, /inputs.x: expected f32\[2\] as compiled, got float32\[3\]/],
    ['another type', { x: tf.zeros([2], 'int32') }, /inputs.x: expected f32\[2\] as compiled, got int32\[2\]/],
    ['too few numbers', { x: new Float32Array(1) }, /inputs.x: expected f32\[2\] as compiled, got float32\[1\]/],
    [
      'bytes',
      { x: new Uint8Array(2) },
      /inputs.x: expected f32\[2\] as compiled, got Uint8Array\[2\], which stands for bool$/,
    ],
    ['null', { x: null }, /inputs.x: expected f32\[2\] as compiled, got null, which is neither a tensor nor/],
    ['a list', { x: [1, 2] }, /inputs.x: expected f32\[2\] as compiled, got Array, which is neither a tensor nor/],
    ['float64', { x: new Float64Array(2) }, /inputs.x: expected f32\[2\] as compiled, got Float64Array, which is/],
    ['no inputs', undefined, /inputs.x: expected f32\[2\] as compiled, got nothing/],
    ['no value', {}, /inputs.x: expected f32\[2\] as compiled, got nothing/],
    ['what every object has', { x: tf.zeros([2]), toString: tf.zeros([2]) }, /inputs.toString: no such input/],
    ['an unknown input', { x: tf.zeros([2]), y: tf.zeros([2]) }, /inputs.y: no such input; compiled for x/],
  ])('given %s', async (_, feeds, message) => {
    const step = await compile(({ x }) => tf.neg(x), { inputs });
    await expect(step.run(feeds as { x: tf.Tensor })).rejects.toThrow(message);
    await step.dispose();
  });

  it('given a tensor that was disposed of', async () => {
    const step = await compile(({ x }) => tf.neg(x), { inputs });
    const x = tf.zeros([2]);
    x.dispose();
    await expect(step.run({ x })).rejects.toThrow('expected f32[2] as compiled, got a tensor that was disposed of');
    await step.dispose();
  });

  it('after dispose', async () => {
    const step = await compile(({ x }) => tf.neg(x), { inputs });
    await step.dispose();
    await expect(step.run({ x: new Float32Array(2) })).rejects.toThrow(/disposed of/);
  });

  it('when the settings of an optimizer in the graph were changed', async () => {
    const w = tf.variable(tf.scalar(1));
    const optimizer = tf.train.adagrad(0.1);
    const step = await compile(({ x }) => optimizer.minimize(() => tf.sum(tf.mul(x, w)) as tf.Scalar, true), {
      inputs,
    });
    (optimizer as unknown as { learningRate: number }).learningRate = 0.2;
    await expect(step.run({ x: new Float32Array(2) })).rejects.toThrow(/Adagrad's settings changed .* compile again/);
    await step.dispose();
  });

  it.each(['host', 'packed', false] as const)('when an optimizer was given other slots (fused: %s)', async (fuse) => {
    const w = tf.variable(tf.scalar(1));
    const optimizer = tf.train.adam(0.1);
    const fn = ({ x }: { x: tf.Tensor }) =>
      optimizer.minimize(() => tf.sum(tf.mul(x, w)) as tf.Scalar, true) as tf.Scalar;
    const step = await compile(fn, { inputs, fuse });
    tf.dispose(await step.run({ x: new Float32Array(2) }));
    await optimizer.setWeights(await optimizer.getWeights());
    await expect(step.run({ x: new Float32Array(2) })).rejects.toThrow(/Adam's slots were replaced .* compile again/);
    await step.dispose();
  });

  it('without a function', async () => {
    await expect(compile(undefined as never, { inputs })).rejects.toThrow('fn: expected a function, got undefined');
    await expect(compile(() => tf.scalar(1), undefined as never)).rejects.toThrow(
      'inputs: expected a record of shapes',
    );
  });

  it.each([
    ['number of threads', { threads: 0 }, /threads: expected an integer from 1 to 1024, got 0/],
    ['number of threads that no machine has', { threads: 100_000 }, /threads: expected an integer from 1 to 1024/],
    ['device', { device: 'tpu' as 'cpu' }, /device: expected cpu, webgpu, cuda or auto, got tpu/],
    ['device that every object has', { device: 'toString' as 'cpu' }, /device: expected cpu, webgpu, cuda or auto/],
    ['shape', { inputs: { x: [-1] } }, /inputs.x: expected a shape of whole numbers/],
    [
      'specification',
      { inputs: { x: 3 as never } },
      /inputs.x: expected a shape, a shape with a type, or a tensor, got 3/,
    ],
    ['set of inputs', { inputs: undefined as never }, /inputs: expected a record of shapes/],
    [
      'name',
      { inputs: { x: [2], '@w': [2] } },
      /inputs.@w: expected a name without spaces that does not begin with @ or %/,
    ],
    ['empty name', { inputs: { x: [2], '': [2] } }, /inputs.: expected a name without spaces/],
  ])('with a bad %s', async (_, options, message) => {
    await expect(compile(({ x }: { x: tf.Tensor }) => tf.neg(x), { inputs, ...options })).rejects.toThrow(message);
  });
});
