import { describe, expect, it } from 'vitest';
import type { Received } from './client';
import { until } from './fixtures';
import { startKernel, types } from './kernel-fixture';

const kernel = startKernel();

type State = Readonly<Record<string, unknown>>;
interface Shown {
  /** Comm ids and states, by the name of the model. */
  readonly widgets: ReadonlyMap<string, { readonly id: string; readonly state: State }>;
  readonly cell: string;
}

const dataOf = ({ content }: Received) => content.data as { method?: string; state?: State };

/** Runs a cell, and reads the widgets that it opened. */
async function shown(code: string): Promise<Shown> {
  const { id, reply } = await kernel.client.send('execute_request', { code });
  expect((await reply).content).toMatchObject({ status: 'ok' });
  const published = await kernel.client.publishedFor(id);
  const opened = published.filter(({ type }) => type === 'comm_open');
  const widgets = opened.map((open) => {
    const state = dataOf(open).state as State;
    return [String(state._model_name), { id: String(open.content.comm_id), state }] as const;
  });
  return { widgets: new Map(widgets), cell: id };
}

/** Sends a move as a front end does, and returns what was published for it. */
async function move(comm: string, state: State): Promise<Received[]> {
  const data = { method: 'update', state, buffer_paths: [] };
  const { id } = await kernel.client.send('comm_msg', { comm_id: comm, data });
  return kernel.client.publishedFor(id);
}

const values = (published: readonly Received[], type: string): unknown[] =>
  published.filter((message) => message.type === type).map(({ content }) => (content.data as State)['text/plain']);

const updates = (): unknown[] => values(kernel.client.published, 'update_display_data');

const SQUARE = `import { interact, slider } from 'gmm-vae';
interact({ x: slider(-3, 3) }, ({ x }) => x * x);`;

describe('interact', () => {
  it('opens the widgets of ipywidgets 8 with their classes and their protocol, and shows what they give', async () => {
    const { widgets, cell } = await shown(SQUARE);
    const slider = widgets.get('FloatSliderModel');
    expect(slider?.state).toMatchObject({
      _model_module: '@jupyter-widgets/controls',
      _model_module_version: '2.0.0',
      _view_name: 'FloatSliderView',
      min: -3,
      max: 3,
      value: 0,
      description: 'x',
    });
    expect([...widgets.keys()]).toEqual(
      expect.arrayContaining(['LayoutModel', 'SliderStyleModel', 'HTMLModel', 'VBoxModel']),
    );
    const published = await kernel.client.publishedFor(cell);
    const [view, first] = published.filter(({ type }) => type === 'display_data');
    expect(view?.content.data).toMatchObject({
      'application/vnd.jupyter.widget-view+json': { model_id: widgets.get('VBoxModel')?.id, version_major: 2 },
      'text/plain': 'x = 0',
    });
    expect(first?.content.data).toMatchObject({ 'text/plain': '0' });
    expect(types(published)).not.toContain('execute_result');
  });

  it('computes in the kernel when a control is moved, updates in place, and echoes to the other front ends', async () => {
    const { widgets } = await shown(SQUARE);
    const { id } = widgets.get('FloatSliderModel')!;
    const published = await move(id, { value: 1.5 });
    expect(types(published)).toEqual(['busy', 'comm_msg', 'idle']);
    expect(published[1]).toMatchObject({
      content: { comm_id: id, data: { method: 'echo_update', state: { value: 1.5 } } },
    });
    await until('the figure follows', () => updates().includes('2.25'));
  });
});

describe('controls', () => {
  const ALL = `import { button, checkbox, interact, play, select, slider, text } from 'gmm-vae';
const all = interact(
  { x: slider(0, 1, { value: 0.25 }), prior: select(['one', 'two']), log: checkbox(true), n: play(0, 9), name: text('q'), more: button('Draw') },
  (values) => JSON.stringify(values),
);`;

  it('of every kind give what they stand at, and refuse what they cannot stand at', async () => {
    const { widgets } = await shown(ALL);
    const last = (): unknown => JSON.parse(String(updates().at(-1)));
    const steps: [model: string, state: State, value: object][] = [
      ['FloatSliderModel', { value: 0.5 }, { x: 0.5 }],
      ['DropdownModel', { index: 1 }, { prior: 'two' }],
      ['CheckboxModel', { value: false }, { log: false }],
      ['PlayModel', { value: 3 }, { n: 3 }],
      ['TextModel', { value: 'p' }, { name: 'p' }],
    ];
    for (const [model, state, value] of steps) {
      await move(widgets.get(model)!.id, state);
      expect(last()).toMatchObject(value);
    }
    const before = updates().length;
    const refused: [string, State][] = [
      ['FloatSliderModel', { value: 2 }],
      ['FloatSliderModel', { value: 'x' }],
      ['FloatSliderModel', { max: 9 }],
      ['DropdownModel', { index: 7 }],
      ['CheckboxModel', { value: null }],
      ['PlayModel', { playing: true }],
    ];
    for (const [model, state] of refused) await move(widgets.get(model)!.id, state);
    expect(updates().length).toBe(before);
    // The front end is told what counts.
    const back = await move(widgets.get('FloatSliderModel')!.id, { value: 2 });
    expect(back.map(dataOf).flatMap((data) => (data?.method === 'update' ? [data.state] : []))).toEqual([
      { value: 0.5 },
    ]);
  });

  it('count the clicks of a button, each of them', async () => {
    const { widgets } = await shown(ALL);
    const { id } = widgets.get('ButtonModel')!;
    const clicks = Array.from({ length: 5 }, () =>
      kernel.client.send('comm_msg', { comm_id: id, data: { method: 'custom', content: { event: 'click' } } }),
    );
    const last = (await Promise.all(clicks)).at(-1)!;
    await kernel.client.publishedFor(last.id);
    expect(JSON.parse(String(updates().at(-1)))).toMatchObject({ more: 5 });
  });

  it('move by code too, and follow', async () => {
    await shown(ALL);
    await kernel.client.execute("all.set({ x: 0.75, prior: 'two' }); all.values.x");
    expect(kernel.client.published.some((message) => (dataOf(message)?.state as State)?.value === 0.75)).toBe(true);
    expect(JSON.parse(String(updates().at(-1)))).toMatchObject({ x: 0.75, prior: 'two' });
    const { reply } = await kernel.client.execute('all.set({ x: 2 })');
    expect(reply).toMatchObject({ ename: 'InvalidArgumentError', evalue: expect.stringContaining('values.x: 2') });
  });

  it('say at once what they cannot be', async () => {
    const wrong = {
      'slider(3, -3)': 'max: expected a finite number above 3, got -3',
      'slider(0, 1, { value: 2 })': 'value: expected a number from 0 to 1, got 2',
      'slider(0, 1, { step: 2 })': 'step: expected at most 1, the whole range, got 2',
      'slider(0, NaN)': 'max: expected a finite number above 0, got NaN',
      'select([])': 'choices: expected at least one, got none',
      'select([1, NaN])': 'choices[1]: expected a word or a finite number, got NaN',
      "select('ab' as never)": 'choices: expected an array, got "ab"',
      'play(0, 1, { step: 0.5 })': 'step: expected a whole number, got 0.5',
      'button(undefined as never)': 'label: expected what the button does, got undefined',
      'text("", { label: 1 as never })': 'label: expected a string, got 1',
      'interact({}, () => 1)': 'controls: expected at least one control, got none',
      'interact(null as never, () => 1)': 'controls: expected controls by name, got null',
      'interact({ x: 3 as never }, () => 1)':
        'controls.x: expected what slider, select, checkbox, play, text or button returns, got 3',
      'interact({ x: slider(0, 1) }, 3 as never)': 'show: expected a function, got 3',
      'interact({ x: slider(0, 1) }, ({ x }) => x).set({ x: NaN })':
        'values.x: NaN is not what this control can stand at',
      'interact({ x: slider(0, 1) }, ({ x }) => x).set({ y: 1 } as never)': 'values.y: expected one of x',
    };
    for (const [code, evalue] of Object.entries(wrong)) {
      const { reply } = await kernel.client.execute(
        `import { button, interact, play, select, slider, text } from 'gmm-vae'; ${code}`,
      );
      expect(reply).toMatchObject({ ename: 'InvalidArgumentError', evalue });
    }
  });
});

describe('a callback', () => {
  const slow = (body: string): string => `import { interact, slider } from 'gmm-vae';
const seen: number[] = [];
interact({ x: slider(0, 100, { value: 0, step: 1 }) }, ({ x }) => { seen.push(x); ${body} });`;

  it('is called for the last of many moves that come while it computes, and a cell sent after them sees their end', async () => {
    const { widgets } = await shown(slow('const end = Date.now() + 100; while (Date.now() < end); return x;'));
    const { id } = widgets.get('FloatSliderModel')!;
    const moves = Array.from({ length: 60 }, (_, i) =>
      kernel.client.send('comm_msg', {
        comm_id: id,
        data: { method: 'update', state: { value: i + 1 }, buffer_paths: [] },
      }),
    );
    await Promise.all(moves);
    const { published } = await kernel.client.execute('[seen.length, seen.at(-1)]');
    const [count, last] = JSON.parse(String(values(published, 'execute_result')[0])) as [number, number];
    expect(last).toBe(60);
    expect(count).toBeLessThan(20);
    for (const { id: moved } of await Promise.all(moves)) await kernel.client.publishedFor(moved);
  });

  it('waits for a running cell, also for one that awaits', async () => {
    const { widgets } = await shown(slow('return x;'));
    const running = await kernel.client.going(
      "console.log('going'); await new Promise((done) => setTimeout(done, 500)); seen.push(-1);",
    );
    await move(widgets.get('FloatSliderModel')!.id, { value: 7 });
    await running.reply;
    const { published } = await kernel.client.execute('seen');
    expect(values(published, 'execute_result')).toEqual(['[ 0, -1, 7 ]']);
  });

  it('that throws says so below the controls, which go on; one that throws at first is an error of its cell', async () => {
    const { widgets } = await shown(slow("if (x === 5) throw new RangeError('<five>'); return x;"));
    const { id } = widgets.get('FloatSliderModel')!;
    const html = widgets.get('HTMLModel')!.id;
    const messages = (): unknown[] =>
      kernel.client.published
        .filter(({ type, content }) => type === 'comm_msg' && content.comm_id === html)
        .map((message) => dataOf(message).state?.value);
    await move(id, { value: 5 });
    expect(messages().at(-1)).toContain('RangeError: &lt;five&gt;');
    await move(id, { value: 6 });
    expect(messages().at(-1)).toBe('');
    expect(updates().at(-1)).toBe('6');
    const { reply } = await kernel.client.execute(
      "interact({ x: slider(0, 1) }, () => { throw new RangeError('at once'); })",
    );
    expect(reply).toMatchObject({ status: 'error', evalue: 'at once' });
  });

  it('may be asynchronous, and what it shows late never replaces something newer', async () => {
    const { widgets } = await shown(
      slow('return new Promise((done) => setTimeout(() => done(x), x === 1 ? 300 : 0));'),
    );
    const { id } = widgets.get('FloatSliderModel')!;
    await move(id, { value: 1 });
    await move(id, { value: 2 });
    await kernel.client.execute('await new Promise((done) => setTimeout(done, 400))');
    expect(updates().at(-1)).toBe('2');
  });

  it.each(['for (;;);', 'return new Promise(() => {});'])(
    'that never ends (%s) is interrupted, and the next move computes',
    async (endless) => {
      const { widgets } = await shown(slow(`if (x === 5) { ${endless} } return x;`));
      const { id } = widgets.get('FloatSliderModel')!;
      const { id: stuck } = await kernel.client.send('comm_msg', {
        comm_id: id,
        data: { method: 'update', state: { value: 5 }, buffer_paths: [] },
      });
      await new Promise((done) => setTimeout(done, 300));
      await kernel.client.interrupt();
      await kernel.client.publishedFor(stuck);
      await move(id, { value: 6 });
      expect(updates().at(-1)).toBe('6');
      const { published } = await kernel.client.execute('seen');
      expect(values(published, 'execute_result')).toEqual(['[ 0, 5, 6 ]']);
    },
  );

  it('shows what it prints below its cell', async () => {
    const { widgets, cell } = await shown(slow("console.log('x is', x); return x;"));
    await move(widgets.get('FloatSliderModel')!.id, { value: 8 });
    await until('it is printed', () =>
      kernel.client.published.some(
        ({ type, parent, content }) => type === 'stream' && parent === cell && String(content.text).includes('x is 8'),
      ),
    );
  });
});

describe('comms', () => {
  it('are listed while they are open, all or by target', async () => {
    const { widgets } = await shown(SQUARE);
    const { id } = widgets.get('VBoxModel')!;
    const { comms } = await kernel.client.request('comm_info_request', { target_name: 'jupyter.widget' });
    expect(comms).toMatchObject({ [id]: { target_name: 'jupyter.widget' } });
    expect(await kernel.client.request('comm_info_request', { target_name: 'other' })).toEqual({
      status: 'ok',
      comms: {},
    });
    const { id: closed } = await kernel.client.send('comm_close', { comm_id: id, data: {} });
    await kernel.client.publishedFor(closed);
    const after = await kernel.client.request('comm_info_request');
    expect(Object.keys(after.comms as object)).not.toContain(id);
  });

  it('give their whole state to a front end that has been opened anew, one by one and all at once', async () => {
    const { widgets } = await shown(SQUARE);
    const { id } = widgets.get('FloatSliderModel')!;
    await move(id, { value: 1 });
    const { id: one } = await kernel.client.send('comm_msg', { comm_id: id, data: { method: 'request_state' } });
    const [, answer] = await kernel.client.publishedFor(one);
    expect(answer && dataOf(answer)).toMatchObject({
      method: 'update',
      state: { value: 1, _model_name: 'FloatSliderModel' },
    });
    const control = { comm_id: 'control', target_name: 'jupyter.widget.control', data: {} };
    await kernel.client.send('comm_open', control);
    const { id: all } = await kernel.client.send('comm_msg', {
      comm_id: 'control',
      data: { method: 'request_states' },
    });
    const states = (await kernel.client.publishedFor(all)).find(({ type }) => type === 'comm_msg')?.content.data;
    expect(states).toMatchObject({
      method: 'update_states',
      states: { [id]: { model_name: 'FloatSliderModel', state: { value: 1 } } },
    });
  });
});

describe('1,000 moves', () => {
  it('leave neither comms nor memory behind', async () => {
    const { widgets } = await shown(`import { figure, interact, slider } from 'gmm-vae';
interact({ x: slider(0, 1000, { step: 1 }) }, ({ x }) =>
  figure({ data: [{ y: Array.from({ length: 500 }, (_, i) => i * x) }], alt: 'a line' }));`);
    const { id } = widgets.get('FloatSliderModel')!;
    const heap = async (): Promise<number> => {
      const { published } = await kernel.client.execute(
        "require('node:v8').setFlagsFromString('--expose_gc'); require('node:vm').runInNewContext('gc')(); process.memoryUsage().heapUsed",
      );
      return Number(values(published, 'execute_result')[0]);
    };
    const moves = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await move(id, { value: (7 * i) % 1000 });
    };
    await moves(100);
    const open = Object.keys((await kernel.client.request('comm_info_request')).comms as object).length;
    const before = await heap();
    await moves(1000);
    expect(Object.keys((await kernel.client.request('comm_info_request')).comms as object).length).toBe(open);
    // A figure of 500 points takes 4 kB: 1,000 of them that were kept would be 4 MB.
    expect((await heap()) - before).toBeLessThan(2_000_000);
  });
});
