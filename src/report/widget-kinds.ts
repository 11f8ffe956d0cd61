import type { Output } from '../notebook/document/ipynb';
import { type Html, html, NOTHING } from './markup';
import { pictureAddress } from './picture-data';

export interface Model {
  readonly model_name?: unknown;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly {
    readonly path?: readonly unknown[];
    readonly data?: unknown;
    readonly encoding?: unknown;
  }[];
}

/** Models saved in a notebook, by id. */
export type Widgets = Readonly<Record<string, Model>>;

/** What drawing a widget needs from the page. */
export interface WidgetPage {
  readonly widgets: Widgets;
  readonly renderHtml: (html: string) => Html;
  readonly renderOutputs: (outputs: readonly Output[]) => Html;
}

type Draw = (
  state: Readonly<Record<string, unknown>>,
  page: WidgetPage,
  draw: (model: unknown) => Html,
  model: Model,
) => Html;

/** Draws a value beside its description. */
const labelled = (state: Readonly<Record<string, unknown>>, value: Html | string): Html =>
  html`<div class="widget">${wordsOf(state.description) !== '' && html`<span class="widget-label">${wordsOf(state.description)}</span> `}${value}</div>`;

const value: Draw = (state) => labelled(state, html`<span class="widget-value">${wordsOf(state.value)}</span>`);

const bar: Draw = (state) => {
  const [low, high] = [Number(state.min ?? 0), Number(state.max ?? 100)];
  const done = Math.max(0, Math.min(1, (Number(state.value) - low) / (high - low || 1)));
  const words = wordsOf(state.description) || 'progress';
  return labelled(
    state,
    html`<progress max="1" value="${done}" aria-label="${words}">${Math.round(done * 100)} %</progress>`,
  );
};

const slider: Draw = (state) => {
  const [low, high] = [wordsOf(state.min), wordsOf(state.max)];
  const range = low !== '' && high !== '' && html` <span class="widget-range">(${low} to ${high})</span>`;
  return labelled(state, html`<span class="widget-value">${wordsOf(state.value)}</span>${range}`);
};

/** Lists all options, the chosen ones in bold. */
const choice: Draw = (state) => {
  const options = Array.isArray(state._options_labels) ? state._options_labels : [];
  const chosen = new Set([state.index].flat());
  const items = options.map(
    (option, at) => html`${at > 0 && ' · '}${chosen.has(at) ? html`<b>${wordsOf(option)}</b>` : wordsOf(option)}`,
  );
  return labelled(state, html`<span class="widget-value">${items}</span>`);
};

const chosen: Draw = (state) => {
  const options = Array.isArray(state._options_labels) ? state._options_labels : [];
  const shown = [state.index].flat().map((at) => wordsOf(options[Number(at)]));
  return labelled(state, html`<span class="widget-value">${shown.join(' to ')}</span>`);
};

const check: Draw = (state) => labelled({}, html`${state.value === true ? '☑' : '☐'} ${wordsOf(state.description)}`);
const button: Draw = (state) => html`<span class="widget widget-button">${wordsOf(state.description)}</span>`;
const markup: Draw = (state, page) => html`<div class="widget">${page.renderHtml(wordsOf(state.value))}</div>`;
const box =
  (className: string): Draw =>
  (state, _, draw) =>
    html`<div class="widget ${className}">${listOf(state.children).map(draw)}</div>`;

const titled: Draw = (state, _, draw) => {
  const titles = (
    typeof state._titles === 'object' && state._titles !== null ? state._titles : (state.titles ?? {})
  ) as Record<number, unknown>;
  const parts = listOf(state.children).map(
    (child, at) => html`<p><b>${wordsOf(titles[at]) || String(at + 1)}</b></p>${draw(child)}`,
  );
  return html`<div class="widget">${parts}</div>`;
};

const picture: Draw = (state, _, _draw, model) => {
  const buffer = model.buffers?.find(({ path, encoding }) => path?.[0] === 'value' && encoding === 'base64');
  const address = pictureAddress(`image/${wordsOf(state.format) || 'png'}`, buffer?.data);
  return address === undefined
    ? NOTHING
    : html`<p class="picture"><img src="${address}" alt="Picture of a widget"></p>`;
};

const output: Draw = (state, page) => page.renderOutputs(listOf(state.outputs) as readonly Output[]);

/** Drawing by model name, without the `Model` at its end. */
export const WIDGETS: Readonly<Record<string, Draw>> = {
  ...Object.fromEntries(
    [
      'IntSlider',
      'FloatSlider',
      'FloatLogSlider',
      'IntRangeSlider',
      'FloatRangeSlider',
      'BoundedIntText',
      'BoundedFloatText',
      'Play',
    ].map((name) => [name, slider]),
  ),
  ...Object.fromEntries(
    [
      'IntText',
      'FloatText',
      'Text',
      'Textarea',
      'Combobox',
      'DatePicker',
      'TimePicker',
      'ColorPicker',
      'TagsInput',
    ].map((name) => [name, value]),
  ),
  ...Object.fromEntries(
    ['Dropdown', 'RadioButtons', 'Select', 'SelectMultiple', 'ToggleButtons'].map((name) => [name, choice]),
  ),
  ...Object.fromEntries(['SelectionSlider', 'SelectionRangeSlider'].map((name) => [name, chosen])),
  ...Object.fromEntries(['IntProgress', 'FloatProgress'].map((name) => [name, bar])),
  ...Object.fromEntries(['Checkbox', 'Valid'].map((name) => [name, check])),
  ...Object.fromEntries(['Button', 'ToggleButton', 'FileUpload'].map((name) => [name, button])),
  ...Object.fromEntries(['HTML', 'HTMLMath'].map((name) => [name, markup])),
  ...Object.fromEntries(
    ['VBox', 'Box', 'GridBox', 'TwoByTwoLayout', 'AppLayout'].map((name) => [name, box('widget-column')]),
  ),
  ...Object.fromEntries(['Accordion', 'Tab', 'Stack'].map((name) => [name, titled])),
  HBox: box('widget-row'),
  Label: (state) => html`<span class="widget">${wordsOf(state.value)}</span>`,
  Password: (state) => labelled(state, '•••'),
  Image: picture,
  Output: output,
};

export function wordsOf(given: unknown): string {
  if (Array.isArray(given)) return given.map(wordsOf).join(' to ');
  return typeof given === 'string' || typeof given === 'number' ? String(given) : '';
}

const listOf = (given: unknown): readonly unknown[] => (Array.isArray(given) ? given : []);
