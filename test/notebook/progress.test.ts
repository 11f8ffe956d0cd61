import { describe, expect, it } from 'vitest';
import { runNotebook } from '../../src/notebook/runner/run';
import { withProgress } from '../../src/notebook/widgets/progress';
import type { Received } from './client';
import { code, notebookOf, until, writeFixture } from './fixtures';
import { startKernel } from './kernel-fixture';

const kernel = startKernel();

type State = Readonly<Record<string, unknown>>;
const dataOf = ({ content }: Received) => content.data as { method?: string; state?: State };

/** Widgets that an earlier test has opened are closed by then. */
const isOpen = (id: unknown): boolean =>
  !kernel.client.published.some(({ type, content }) => type === 'comm_close' && content.comm_id === id);

/** The widget of this class that is open. */
async function widget(model: string): Promise<{ id: string; state: State }> {
  const find = (): Received | undefined =>
    kernel.client.published.findLast(
      (message) =>
        message.type === 'comm_open' && dataOf(message).state?._model_name === model && isOpen(message.content.comm_id),
    );
  await until(`a ${model} is open`, () => find() !== undefined);
  const open = find()!;
  return { id: String(open.content.comm_id), state: dataOf(open).state! };
}

const click = (id: string): Promise<unknown> =>
  kernel.client.send('comm_msg', { comm_id: id, data: { method: 'custom', content: { event: 'click' } } });

/** What stands in the place of the bar. */
const lastUpdate = (): unknown =>
  (kernel.client.published.findLast(({ type }) => type === 'update_display_data')?.content.data as State)?.[
    'text/plain'
  ];

const ENDLESS = `import { withProgress } from 'gmm-vae';
const stoppedAt = await withProgress({ total: 1000, label: 'Counting' }, async ({ signal, advance }) => {
  let i = 0;
  for (; i < 1000 && !signal.aborted; i++) {
    await new Promise((done) => setTimeout(done, 20));
    advance(i + 1, 'fine');
  }
  return i;
});
stoppedAt > 0 && stoppedAt < 1000`;

const TRAINING = `import { syntheticDigits, train, Vae, withProgress } from 'gmm-vae';
const { train: digits } = syntheticDigits({ train: 500, test: 10, seed: 1 });
const model = new Vae({ pixels: digits.height * digits.width, latent: 2, hidden: [32], prior: { kind: 'standard-normal' }, seed: 1 });
const history = await withProgress({ total: 10_000, label: 'Training' }, ({ signal, advance }) =>
  train(model, digits, { epochs: 10_000, seed: 1, signal, onEpoch: ({ epoch }) => advance(epoch) }));
[history.interrupted, history.epochs.length > 0]`;

describe('withProgress', () => {
  it('shows a bar, words and a button of ipywidgets 8 in a box', async () => {
    const { id, reply } = await kernel.client.send('execute_request', { code: ENDLESS });
    const box = await widget('HBoxModel');
    const [bar, words, button] = await Promise.all(['FloatProgressModel', 'LabelModel', 'ButtonModel'].map(widget));
    expect(box.state.children).toEqual([bar, words, button].map((one) => `IPY_MODEL_${one!.id}`));
    expect(bar!.state).toMatchObject({
      min: 0,
      max: 1000,
      value: 0,
      description: 'Counting',
      _view_name: 'ProgressView',
    });
    const said = (): unknown =>
      kernel.client.published
        .filter((message) => message.type === 'comm_msg' && message.content.comm_id === words!.id)
        .map((message) => dataOf(message).state?.value)
        .at(-1);
    await until('the bar moves', () => /^\d+ of 1000, fine, \d+ s left$/.test(String(said())));
    await click(button!.id);
    expect((await reply).content).toMatchObject({ status: 'ok' });
    const published = await kernel.client.publishedFor(id);
    expect(published.findLast(({ type }) => type === 'execute_result')?.content.data).toMatchObject({
      'text/plain': 'true',
    });
    expect(String(lastUpdate())).toMatch(/^Counting: stopped at \d+ of 1000, fine$/);
    // Nothing is left open.
    const closed = published.filter(({ type }) => type === 'comm_close').map(({ content }) => content.comm_id);
    for (const one of [box, bar, words, button]) expect(closed).toContain(one!.id);
  });

  it('stops a training after the step under way, which keeps what it has learnt', async () => {
    const { id, reply } = await kernel.client.send('execute_request', { code: TRAINING });
    const bar = await widget('FloatProgressModel');
    const isUnderWay = (): boolean =>
      kernel.client.published.some(
        (message) => message.content.comm_id === bar.id && Number(dataOf(message)?.state?.value) > 1,
      );
    await until('an epoch is over', isUnderWay);
    await click((await widget('ButtonModel')).id);
    expect((await reply).content).toMatchObject({ status: 'ok' });
    const published = await kernel.client.publishedFor(id);
    expect(published.findLast(({ type }) => type === 'execute_result')?.content.data).toMatchObject({
      'text/plain': '[ true, true ]',
    });
    expect(String(lastUpdate())).toMatch(/^Training: stopped at \d+ of 10000$/);
  });

  it('says where work has failed, and passes the error on', async () => {
    const failing = `await withProgress({ total: 4 }, ({ advance }) => { advance(3); throw new RangeError('no'); })`;
    const { reply } = await kernel.client.execute(failing);
    expect(reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'no' });
    expect(lastUpdate()).toBe('Progress: failed at 3 of 4');
  });

  it('leaves a line of text in a notebook that is run', async () => {
    const cell = code(`import { withProgress } from 'gmm-vae';
await withProgress({ total: 2, label: 'Both' }, async ({ advance }) => { advance(1); await null; advance(2, 'loss 3.20'); });`);
    const { notebook, ok } = await runNotebook(writeFixture(notebookOf(cell), 'progress.ipynb'));
    expect(ok).toBe(true);
    const [first] = notebook.cells;
    expect(first?.cell_type === 'code' && first.outputs).toEqual([
      { output_type: 'display_data', data: { 'text/plain': 'Both: 2 of 2, loss 3.20' }, metadata: {} },
    ]);
  });

  it('gives the work’s own value outside a notebook, and refuses what it cannot show', async () => {
    expect(await withProgress({ total: 1 }, ({ signal }) => (signal.aborted ? 0 : 7))).toBe(7);
    await expect(withProgress({ total: 0 }, () => 1)).rejects.toThrow('total: expected a number > 0, got 0');
    await expect(withProgress({ total: 2 }, ({ advance }) => advance(3))).rejects.toThrow(
      'done: expected a number from 0 to 2, got 3',
    );
  });
});
