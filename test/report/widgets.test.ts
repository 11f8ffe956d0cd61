import { describe, expect, it } from 'vitest';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf } from '../notebook/fixtures';

type Models = Record<string, { model_name: string; state: Record<string, unknown>; buffers?: unknown[] }>;

function drawn(models: Models, id = 'w', data: Record<string, unknown> = {}): string {
  const view = { 'application/vnd.jupyter.widget-view+json': { model_id: id }, 'text/plain': 'Plain()', ...data };
  const cell = {
    ...{ ...code('w'), cell_type: 'code' as const, execution_count: 1 },
    outputs: [{ output_type: 'display_data' as const, metadata: {}, data: view }],
  };
  const widgets = {
    'application/vnd.jupyter.widget-state+json': { version_major: 2, version_minor: 0, state: models },
  };
  const { html } = renderNotebookPage({ ...notebookOf(cell), metadata: { widgets } }, { name: 'a', trusted: false });
  return (/<\/details>\n([\s\S]*)<\/div>\n<\/main>/.exec(html)?.[1] ?? '').replace(/\n/g, '');
}

const one = (model_name: string, state: Record<string, unknown>): string => drawn({ w: { model_name, state } });

describe('a widget that a notebook was saved with', () => {
  it.each([
    ['IntSliderModel', { description: 'n', value: 7, min: 0, max: 10 }, 'n 7 (0 to 10)'],
    ['FloatRangeSliderModel', { value: [1.5, 2], min: 0, max: 10 }, '1.5 to 2 (0 to 10)'],
    ['TextModel', { description: 'Name', value: '<b>' }, 'Name &lt;b&gt;'],
    ['DropdownModel', { description: 'd', _options_labels: ['a', 'b'], index: 1 }, 'd a · b'],
    ['SelectionSliderModel', { _options_labels: ['a', 'b'], index: 1 }, 'b'],
    ['CheckboxModel', { description: 'on', value: true }, '☑ on'],
    ['ButtonModel', { description: 'Go' }, 'Go'],
    ['PasswordModel', { value: 'secret' }, '•••'],
    ['HTMLModel', { value: '<i>x</i>' }, 'x'],
    ['LabelModel', { value: 'x' }, 'x'],
  ])('is shown as it was: %s', (name, state, words) => {
    expect(one(name, state).replace(/<[^>]*>/g, '')).toBe(words);
  });

  it('shows how far a progress bar had come, as tqdm leaves one', () => {
    const html = drawn({
      w: { model_name: 'HBoxModel', state: { children: ['IPY_MODEL_a', 'IPY_MODEL_b', 'IPY_MODEL_c'] } },
      a: { model_name: 'HTMLModel', state: { value: '50%' } },
      b: { model_name: 'FloatProgressModel', state: { value: 5, min: 0, max: 10 } },
      c: { model_name: 'HTMLModel', state: { value: ' 5/10 [00:01&lt;00:01]' } },
    });
    expect(html).toContain('<progress max="1" value="0.5" aria-label="progress">50 %</progress>');
    expect(html).toContain('5/10 [00:01&lt;00:01]');
  });

  it('shows the outputs and pictures that it holds', () => {
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'printed' }];
    expect(one('OutputModel', { outputs })).toContain('<pre class="output stdout">printed</pre>');
    const image = {
      model_name: 'ImageModel',
      state: { format: 'png' },
      buffers: [{ path: ['value'], encoding: 'base64', data: 'AAAA' }],
    };
    expect(drawn({ w: image })).toContain('src="data:image/png;base64,AAAA"');
  });

  it('that is not there, of another library, or within itself gives way to the next type', () => {
    expect(drawn({})).toContain('Plain()');
    expect(one('LeafletMapModel', {})).toContain('Plain()');
    expect(drawn({}, '__proto__')).toContain('Plain()');
    expect(one('VBoxModel', { children: ['IPY_MODEL_w'] })).toContain('widget-column');
  });

  it('runs nothing', () => {
    const [shown = ''] = one('HTMLModel', { value: '<img src=x onerror=alert(1)>' }).split('<button');
    expect(shown).not.toContain('onerror');
    expect(one('TextModel', { description: '<script>', value: '<script>' })).not.toContain('<script');
  });
});
