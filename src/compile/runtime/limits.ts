import { nth } from '../../nth';
import type { Graph, GraphNode } from '../graph/graph';
import { printType } from '../graph/print';
import type { DeviceName } from './devices';

interface Limit {
  readonly applies: (node: GraphNode) => boolean;
  readonly reason: string;
}

/** What ONNX Runtime 1.30 computes wrongly on a device, found by running TensorFlow.js's own tests there. */
const LIMITS: { readonly [D in DeviceName]: readonly Limit[] } = {
  cpu: [],
  cuda: [],
  webgpu: [
    {
      applies: ({ op, attributes }) => op === 'ConvTranspose' && attributes.group !== 1,
      reason:
        'a transposed convolution in groups (the gradient of a depthwise convolution or of pooling) is wrong there',
    },
    {
      applies: ({ op, inputs }) => op === 'ConvTranspose' && nth(inputs, 0).shape.length > 4,
      reason:
        'a transposed convolution over three axes (the gradient of a 3D convolution or of 3D pooling) is missing there',
    },
  ],
};

/** The first operator of the graph that the device is known to compute wrongly, and what of it, or null. */
export function limitOf(graph: Graph, device: DeviceName): string | null {
  for (const node of graph.nodes) {
    const limit = LIMITS[device].find(({ applies }) => applies(node));
    if (!limit) continue;
    const shapes = node.inputs.map((input) => printType(input)).join(', ');
    return `${node.op}(${shapes}) cannot be compiled for ${device}: ${limit.reason}`;
  }
  return null;
}
