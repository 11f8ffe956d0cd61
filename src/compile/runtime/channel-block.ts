import { GraphBuilder } from '../graph/builder';
import { encodeModel } from '../onnx/encode';
import { Session } from './session';
import { hostTensor } from './tensors';

const SHAPE = [1, 4, 1, 1] as const;

let found: Promise<number | null> | null = null;

/**
 * How many channels ONNX Runtime's convolutions on this processor want side by side: 8 or 16 by the width of its vector registers. Null where it
 * has no such convolutions. Asked once a process, by giving four channels to the operator that fills them up to a block.
 */
export function channelBlock(): Promise<number | null> {
  found ??= ask().catch(() => null);
  return found;
}

async function ask(): Promise<number | null> {
  const b = new GraphBuilder();
  const image = b.input('image', { dtype: 'float32', shape: SHAPE });
  const value = b.one('ReorderInput', [image], {}, 'float32', image.shape);
  const model = encodeModel(b.graph([{ name: 'blocks', value }]));
  const session = await Session.create(model, { device: 'cpu', threads: 1 });
  try {
    const { blocks } = await session.run(
      { image: hostTensor(new Float32Array(4), 'float32', SHAPE) },
      { blocks: null },
    );
    const channels = blocks?.dims[1];
    return channels !== undefined && channels > 1 && channels % 4 === 0 ? channels : null;
  } finally {
    await session.release();
  }
}
