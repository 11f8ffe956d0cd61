import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/compile/graph/builder';
import type { Value } from '../../src/compile/graph/graph';
import { printGraph } from '../../src/compile/graph/print';
import { step } from '../../src/compile/lower/formulas';
import { REDUCTION } from '../../src/compile/lower/reduction';
import { stepByActivation } from '../../src/compile/simplify/activation';
import {
  computeBeforeBroadcast,
  mergeBroadcasts,
  reduceBeforeBroadcast,
  removeNeutralOperand,
  reshapeBeforeBroadcast,
} from '../../src/compile/simplify/broadcast';
import { foldConstants, foldReshapedConstants } from '../../src/compile/simplify/fold';
import {
  foldTransposesIntoGemm,
  mergeReshapes,
  mergeTransposes,
  removeIdentity,
  reshapeForUnitAxes,
} from '../../src/compile/simplify/movement';
import type { Rule } from '../../src/compile/simplify/rule';
import { simplify } from '../../src/compile/simplify/simplify';
import { extremeWithoutHost } from '../../src/compile/simplify/webgpu';

/** The operators of a graph of one output, before and after simplification by `rules` alone. */
function beforeAndAfter(
  rules: readonly Rule[],
  build: (b: GraphBuilder, x: Value) => Value,
): { before: string[]; after: string[] } {
  const b = new GraphBuilder();
  const x = b.input('x', { dtype: 'float32', shape: [2, 3] });
  const graph = b.graph([{ name: 'y', value: build(b, x) }]);
  const lines = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('input'));
  return { before: lines(printGraph(graph)), after: lines(printGraph(simplify(graph, rules))) };
}

describe('each rule, before and after', () => {
  it('removeIdentity: casts and reshapes to what is there', () => {
    const result = beforeAndAfter([removeIdentity], (b, x) =>
      b.unary(
        'Neg',
        b.transpose(b.one('Reshape', [b.unary('Identity', x)], { shape: [2, 3] }, 'float32', [2, 3]), [0, 1]),
      ),
    );
    expect(result.before).toEqual([
      '%0: f32[2,3] = Identity(x)',
      '%1: f32[2,3] = Reshape(%0, shape=[2,3])',
      '%2: f32[2,3] = Transpose(%1, perm=[0,1])',
      '%3: f32[2,3] = Neg(%2)',
      'y = %3',
    ]);
    expect(result.after).toEqual(['%0: f32[2,3] = Neg(x)', 'y = %0']);
  });

  it('extremeWithoutHost: a maximum that says NaN by a sum', () => {
    const result = beforeAndAfter(
      [extremeWithoutHost],
      (b, x) => REDUCTION.Max(b, { x }, { reductionIndices: 1, keepDims: true }) as Value,
    );
    expect(result.before).toContain('%0: bool[2,3] = IsNaN(x)');
    expect(result.after).toEqual([
      '%0: f32[2,1] = ReduceMax(x, axes=[1], keepdims=1)',
      '%1: f32[2,3] = Sigmoid(x)',
      '%2: f32[2,1] = ReduceSum(%1, axes=[1], keepdims=1)',
      '%3: f32[2,1] = Mul(0, %2)',
      '%4: f32[2,1] = Add(%0, %3)',
      'y = %4',
    ]);
  });

  it('mergeReshapes: a reshape of a reshape', () => {
    const result = beforeAndAfter([mergeReshapes], (b, x) => b.reshape(b.reshape(x, [6]), [3, 2]));
    expect(result.before).toEqual([
      '%0: f32[6] = Reshape(x, shape=[6])',
      '%1: f32[3,2] = Reshape(%0, shape=[3,2])',
      'y = %1',
    ]);
    expect(result.after).toEqual(['%0: f32[3,2] = Reshape(x, shape=[3,2])', 'y = %0']);
  });

  it('reshapeForUnitAxes: a transposition that moves an axis of size 1, and no other', () => {
    const moved = (perm: number[]) =>
      beforeAndAfter([reshapeForUnitAxes], (b, x) => b.transpose(b.reshape(x, [2, 1, 3]), perm)).after;
    expect(moved([0, 2, 1])).toEqual([
      '%0: f32[2,1,3] = Reshape(x, shape=[2,1,3])',
      '%1: f32[2,3,1] = Reshape(%0, shape=[2,3,1])',
      'y = %1',
    ]);
    expect(moved([2, 1, 0])).toEqual([
      '%0: f32[2,1,3] = Reshape(x, shape=[2,1,3])',
      '%1: f32[3,1,2] = Transpose(%0, perm=[2,1,0])',
      'y = %1',
    ]);
  });

  it('mergeTransposes: a transposition of a transposition', () => {
    const result = beforeAndAfter([mergeTransposes, removeIdentity], (b, x) =>
      b.unary('Neg', b.transposeLast(b.transposeLast(x))),
    );
    expect(result.before).toEqual([
      '%0: f32[3,2] = Transpose(x, perm=[1,0])',
      '%1: f32[2,3] = Transpose(%0, perm=[1,0])',
      '%2: f32[2,3] = Neg(%1)',
      'y = %2',
    ]);
    expect(result.after).toEqual(['%0: f32[2,3] = Neg(x)', 'y = %0']);
  });

  it('mergeBroadcasts: a broadcast of a broadcast', () => {
    const result = beforeAndAfter([mergeBroadcasts], (b, x) =>
      b.expand(b.expand(b.reshape(x, [2, 1, 3]), [2, 4, 3]), [5, 2, 4, 3]),
    );
    expect(result.before).toHaveLength(4);
    expect(result.after).toEqual([
      '%0: f32[2,1,3] = Reshape(x, shape=[2,1,3])',
      '%1: f32[5,2,4,3] = Expand(%0, shape=[5,2,4,3])',
      'y = %1',
    ]);
  });

  it('computeBeforeBroadcast: a filled constant becomes a scalar', () => {
    const result = beforeAndAfter([computeBeforeBroadcast], (b, x) =>
      b.binary('Mul', b.constant(new Float32Array(6).fill(0.5), 'float32', [2, 3]), x),
    );
    expect(result.before).toEqual(['%0: f32[2,3] = Mul(f32[2,3]{0.5, 0.5, 0.5, 0.5, …}, x)', 'y = %0']);
    expect(result.after).toEqual(['%0: f32[2,3] = Mul(0.5, x)', 'y = %0']);
  });

  it('computeBeforeBroadcast: operators move in front of a broadcast', () => {
    const result = beforeAndAfter([computeBeforeBroadcast], (b, x) =>
      b.binary('Add', b.unary('Exp', b.expand(b.reduce('ReduceSum', x, [1], true), [2, 3])), x),
    );
    expect(result.before).toEqual([
      '%0: f32[2,1] = ReduceSum(x, axes=[1], keepdims=1)',
      '%1: f32[2,3] = Expand(%0, shape=[2,3])',
      '%2: f32[2,3] = Exp(%1)',
      '%3: f32[2,3] = Add(%2, x)',
      'y = %3',
    ]);
    expect(result.after).toEqual([
      '%0: f32[2,1] = ReduceSum(x, axes=[1], keepdims=1)',
      '%1: f32[2,1] = Exp(%0)',
      '%2: f32[2,3] = Add(%1, x)',
      'y = %2',
    ]);
  });

  it('computeBeforeBroadcast: a fill goes even where it alone gave the result an axis of length 1', () => {
    const result = beforeAndAfter([computeBeforeBroadcast], (b, x) =>
      b.binary('Mul', b.fill(0.5, 'float32', [1, 2, 3]), x),
    );
    expect(result.before).toEqual([
      '%0: f32[1,2,3] = Expand(0.5, shape=[1,2,3])',
      '%1: f32[1,2,3] = Mul(%0, x)',
      'y = %1',
    ]);
    expect(result.after).toEqual([
      '%0: f32[2,3] = Mul(0.5, x)',
      '%1: f32[1,2,3] = Reshape(%0, shape=[1,2,3])',
      'y = %1',
    ]);
  });

  it('reduceBeforeBroadcast: a reduction over axes that a broadcast left alone', () => {
    const result = beforeAndAfter([reduceBeforeBroadcast], (b, x) =>
      b.reduce('ReduceSum', b.expand(b.reshape(x, [2, 3, 1]), [2, 3, 4]), [0], false),
    );
    expect(result.before).toEqual([
      '%0: f32[2,3,1] = Reshape(x, shape=[2,3,1])',
      '%1: f32[2,3,4] = Expand(%0, shape=[2,3,4])',
      '%2: f32[3,4] = ReduceSum(%1, axes=[0], keepdims=0)',
      'y = %2',
    ]);
    expect(result.after).toEqual([
      '%0: f32[2,3,1] = Reshape(x, shape=[2,3,1])',
      '%1: f32[3,1] = ReduceSum(%0, axes=[0], keepdims=0)',
      '%2: f32[3,4] = Expand(%1, shape=[3,4])',
      'y = %2',
    ]);
  });

  it('reshapeBeforeBroadcast: one element, broadcast and then reshaped', () => {
    const result = beforeAndAfter([reshapeBeforeBroadcast, computeBeforeBroadcast, foldConstants], (b, x) =>
      b.binary('Mul', b.unary('Neg', b.reshape(b.expand(b.scalar(0.5), [2]), [2, 1])), x),
    );
    expect(result.before).toEqual([
      '%0: f32[2] = Expand(0.5, shape=[2])',
      '%1: f32[2,1] = Reshape(%0, shape=[2,1])',
      '%2: f32[2,1] = Neg(%1)',
      '%3: f32[2,3] = Mul(%2, x)',
      'y = %3',
    ]);
    expect(result.after).toEqual(['%0: f32[2,3] = Mul(-0.5, x)', 'y = %0']);
  });

  it('stepByActivation: the gradient of a relu asks its result, so that its argument is needed once', () => {
    const result = beforeAndAfter([stepByActivation], (b, x) => {
      const sum = b.binary('Add', x, b.scalar(1));
      return b.binary('Mul', b.unary('Relu', sum), step(b, sum, 0));
    });
    expect(result.before[2]).toBe('%2: f32[2,3] = Mul(%0, 8.507059173023462e+37)');
    expect(result.after).toEqual([
      '%0: f32[2,3] = Add(x, 1)',
      '%1: f32[2,3] = Relu(%0)',
      '%2: f32[2,3] = Mul(%1, 8.507059173023462e+37)',
      '%3: f32[2,3] = Mul(%2, 8388608)',
      '%4: f32[2,3] = Min(%3, 1)',
      '%5: f32[2,3] = Mul(%1, %4)',
      'y = %5',
    ]);
  });

  it('stepByActivation leaves a step without its relu alone', () => {
    const result = beforeAndAfter([stepByActivation], (b, x) => step(b, x, 0));
    expect(result.after).toEqual(result.before);
  });

  it('removeNeutralOperand: times one, by one, minus zero — but not plus zero, which would change −0', () => {
    const result = beforeAndAfter([removeNeutralOperand], (b, x) => {
      const [zero, one] = [b.scalar(0), b.scalar(1)];
      return b.binary('Add', b.binary('Sub', b.binary('Div', b.binary('Mul', one, x), one), zero), zero);
    });
    expect(result.before).toHaveLength(5);
    expect(result.after).toEqual(['%0: f32[2,3] = Add(x, 0)', 'y = %0']);
  });

  it('foldConstants: arithmetic that float32 rounds once', () => {
    const result = beforeAndAfter([foldConstants], (b, x) =>
      b.binary('Mul', b.binary('Div', b.scalar(1), b.scalar(3)), b.binary('Add', x, b.unary('Exp', b.scalar(1)))),
    );
    expect(result.before).toEqual([
      '%0: f32[] = Div(1, 3)',
      '%1: f32[] = Exp(1)',
      '%2: f32[2,3] = Add(x, %1)',
      '%3: f32[2,3] = Mul(%0, %2)',
      'y = %3',
    ]);
    // Exp stays: JavaScript's may differ from the device's in the last bit.
    expect(result.after).toEqual([
      '%0: f32[] = Exp(1)',
      '%1: f32[2,3] = Add(x, %0)',
      '%2: f32[2,3] = Mul(0.33333334, %1)',
      'y = %2',
    ]);
  });

  it('foldReshapedConstants: a constant in another shape or type', () => {
    const result = beforeAndAfter([foldReshapedConstants], (b, x) =>
      b.binary('Add', x, b.cast(b.reshape(b.indices([1, 2, 3]), [1, 3]), 'float32')),
    );
    expect(result.before).toEqual([
      '%0: i32[1,3] = Reshape(i32[3]{1, 2, 3}, shape=[1,3])',
      '%1: f32[1,3] = Cast(%0, to=float32)',
      '%2: f32[2,3] = Add(x, %1)',
      'y = %2',
    ]);
    expect(result.after).toEqual(['%0: f32[2,3] = Add(x, f32[1,3]{1, 2, 3})', 'y = %0']);
  });

  it('foldTransposesIntoGemm: a product of transposed matrices', () => {
    const result = beforeAndAfter([foldTransposesIntoGemm], (b, x) => b.matMul(b.transposeLast(x), x));
    expect(result.before).toEqual([
      '%0: f32[3,2] = Transpose(x, perm=[1,0])',
      '%1: f32[3,3] = MatMul(%0, x)',
      'y = %1',
    ]);
    expect(result.after).toEqual(['%0: f32[3,3] = Gemm(x, x, transA=1, transB=0, alpha=1, beta=1)', 'y = %0']);
  });

  it('common subexpressions are computed once', () => {
    const result = beforeAndAfter([], (b, x) =>
      b.binary('Mul', b.binary('Add', x, b.scalar(1)), b.binary('Add', x, b.scalar(1))),
    );
    expect(result.before).toEqual([
      '%0: f32[2,3] = Add(x, 1)',
      '%1: f32[2,3] = Add(x, 1)',
      '%2: f32[2,3] = Mul(%0, %1)',
      'y = %2',
    ]);
    expect(result.after).toEqual(['%0: f32[2,3] = Add(x, 1)', '%1: f32[2,3] = Mul(%0, %0)', 'y = %1']);
  });

  it('zero and minus zero are two expressions, not one', () => {
    const result = beforeAndAfter([], (b, x) =>
      b.binary('Mul', b.binary('Add', x, b.scalar(0)), b.binary('Add', x, b.scalar(-0))),
    );
    expect(result.after).toHaveLength(4);
  });

  it.each([
    ['Pad', 'value', [Infinity, -Infinity, Number.NaN, 0, -0]],
    ['Clip', 'min', [-Infinity, Number.NaN, 0, -0]],
  ] as const)(
    '%s operators that differ in their %s only, even where JSON writes these alike, stay apart',
    (op, name, values) => {
      const result = beforeAndAfter([], (b, x) => {
        const padding = op === 'Pad' ? { pads: [0, 0, 0, 0] } : { max: 1 };
        return b.concat(
          values.map((value) => b.one(op, [x], { ...padding, [name]: value }, 'float32', [2, 3])),
          0,
        );
      });
      expect(result.after).toEqual(result.before);
    },
  );

  it('stepByActivation takes a scale that is not the same everywhere for no step', () => {
    const result = beforeAndAfter([stepByActivation], (b, x) => {
      const scale = b.constant(Float32Array.of(2 ** 126, 1, 1), 'float32', [3]);
      const scaled = b.binary('Mul', b.binary('Mul', x, scale), b.scalar(2 ** 23));
      return b.binary('Add', b.unary('Relu', x), b.unary('Clip', scaled, { min: 0, max: 1 }));
    });
    expect(result.after.join()).toContain('Clip');
  });

  it('dead code goes', () => {
    const result = beforeAndAfter([], (b, x) => {
      b.unary('Exp', x);
      return b.unary('Neg', x);
    });
    expect(result.before).toEqual(['%0: f32[2,3] = Exp(x)', '%1: f32[2,3] = Neg(x)', 'y = %1']);
    expect(result.after).toEqual(['%0: f32[2,3] = Neg(x)', 'y = %0']);
  });
});
