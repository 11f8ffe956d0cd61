import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from './fixtures';
import { startKernel } from './kernel-fixture';

const kernel = startKernel();
const MESSAGES = 10_000;

/** What may stand in a message of a comm, and much that may not. */
const anything = fc.anything({ maxDepth: 3, withNullPrototype: false, withBigInt: false });
const content = (comms: readonly string[]): fc.Arbitrary<object> => {
  const id = fc.oneof(fc.constantFrom(...comms), fc.string(), anything);
  const state = fc.dictionary(
    fc.constantFrom('value', 'index', 'children', '_model_name', 'layout', '__proto__', 'constructor', 'x'),
    anything,
  );
  const data = fc.oneof(
    anything,
    fc.record({
      method: fc.oneof(fc.constantFrom('update', 'custom', 'request_state', 'request_states'), anything),
      state,
      content: anything,
    }),
  );
  const target = fc.oneof(fc.constantFrom('jupyter.widget', 'jupyter.widget.control'), anything);
  return fc.record({ comm_id: id, data, target_name: target }, { requiredKeys: [] });
};

describe('comms under attack', () => {
  it('lose no widget, no cell and no answer to 10,000 malformed messages', async () => {
    const { published } = await kernel.client.execute(`import { interact, slider } from 'gmm-vae';
interact({ x: slider(0, 1, { value: 0.5 }) }, ({ x }) => x);`);
    const opened = published.filter(({ type }) => type === 'comm_open');
    const comms = opened.map((open) => String(open.content.comm_id));
    const slider = opened.find(
      (open) => (open.content.data as { state: { _model_name: string } }).state._model_name === 'FloatSliderModel',
    )!;
    // A valid move or a close of the slider is not malformed, and would change what is tested.
    const type = fc.constantFrom('comm_open', 'comm_msg', 'comm_msg', 'comm_msg');
    const messages = fc.sample(fc.tuple(type, content(comms)), { seed: 17, numRuns: MESSAGES });
    const ids: string[] = [];
    for (const [kind, given] of messages)
      ids.push((await kernel.client.send(kind, JSON.parse(JSON.stringify(given) ?? '{}'))).id);
    const left = new Set(ids);
    let read = 0;
    await until('every message has been dealt with', () => {
      for (const { type, parent, content } of kernel.client.published.slice(read))
        if (type === 'status' && content.execution_state === 'idle') left.delete(parent ?? '');
      read = kernel.client.published.length;
      return left.size === 0;
    });
    const { comms: listed } = await kernel.client.request('comm_info_request');
    expect(Object.keys(listed as object).toSorted()).toEqual(comms.toSorted());
    const comm_id = String(slider.content.comm_id);
    const { id: moved } = await kernel.client.send('comm_msg', {
      comm_id,
      data: { method: 'update', state: { value: 0.25 }, buffer_paths: [] },
    });
    await kernel.client.publishedFor(moved);
    const last = kernel.client.published.findLast(({ type }) => type === 'update_display_data');
    expect(last?.content.data).toMatchObject({ 'text/plain': '0.25' });
    const { reply } = await kernel.client.execute('({} as Record<string, unknown>).x === undefined');
    expect(reply).toMatchObject({ status: 'ok' });
  });
});
