import { describe, expect, it } from 'vitest';
import { SessionUnderTest } from './session-fixture';

const ORDERS = {
  'the library, then TensorFlow.js': ['import { Normal } from "gmm-vae";', 'import * as tf from "@tensorflow/tfjs";'],
  'TensorFlow.js, then the library': ['import * as tf from "@tensorflow/tfjs";', 'import { Normal } from "gmm-vae";'],
};

describe('TensorFlow.js beside the library', () => {
  it.each(Object.entries(ORDERS))('is configured before its first op: %s', async (_, cells) => {
    const under = new SessionUnderTest();
    await under.start();
    try {
      for (const cell of cells) await under.value(cell);
      const { outputs, reply } = await under.run(
        '[new Normal(0, 1).logProb(0) < 0, tf.add(1, 2).dataSync()[0], tf.getBackend()]',
      );
      expect(reply.status).toBe('ok');
      expect(outputs.filter(({ type }) => type === 'stream')).toEqual([]);
      expect(outputs).toMatchObject([
        {
          type: 'execute_result',
          data: { 'text/plain': expect.stringMatching(/^\[ true, 3, '(cpu|tensorflow)' \]$/) },
        },
      ]);
    } finally {
      under.session.close();
    }
  });
});
