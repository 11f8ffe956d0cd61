import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from '../../errors';
import { type NotebookHost, notebookHost } from '../host';
import { reference, VIEW_MIME } from './models';
import { OpenedWidgets } from './opened';
import type { Widget } from './widget';

/**
 * What is followed, and how it is called.
 *
 * @example
 * ```ts
 * import { type ProgressOptions, withProgress } from 'gmm-vae';
 *
 * const options: ProgressOptions = { total: 10, label: 'Images' };
 * await withProgress(options, ({ advance }) => advance(10));
 * ```
 */
export interface ProgressOptions {
  /** What there is to do, in any unit: epochs, images. */
  readonly total: number;
  /** What is done: `Training`. Default: `Progress`. */
  readonly label?: string;
  /** Milliseconds; for the time that is left. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * What work that is followed tells, and how it hears that it is to stop.
 *
 * @example
 * ```ts
 * import { type Progress, withProgress } from 'gmm-vae';
 *
 * const half = ({ advance, signal }: Progress) => {
 *   advance(1, 'half of it');
 *   return signal.aborted;
 * };
 * await withProgress({ total: 2 }, half); // false
 * ```
 */
export interface Progress {
  /** Aborted by the button beside the bar, and by an interrupt of the cell. */
  readonly signal: AbortSignal;
  /**
   * Moves the bar.
   * @param done how much of the total
   * @param text what else is to be read beside it: `loss 152.31 nats`
   * @throws InvalidArgumentError unless 0 ≤ done ≤ total
   */
  advance(done: number, text?: string): void;
}

/**
 * Follows work by a bar with the time that is left and a button that stops it. When the work has ended, a line of text stands in its
 * place, in the saved notebook and in its report, too. Outside a notebook that line is printed.
 * @param work is to end soon after `signal` is aborted: `train` does, with what it has by then, and `evaluate` by throwing the signal's reason
 * @returns what `work` returns
 *
 * @example
 * ```ts
 * import { withProgress } from 'gmm-vae';
 *
 * await withProgress({ total: 3, label: 'Counting' }, ({ advance }) => {
 *   for (let done = 1; done <= 3; done++) advance(done);
 *   return 'done';
 * }); // 'done'
 * ```
 */
export async function withProgress<T>(
  options: ProgressOptions,
  work: (progress: Progress) => T | PromiseLike<T>,
): Promise<T> {
  const { total, label = 'Progress', now = () => performance.now() } = options;
  if (!(total > 0 && total < Infinity)) throw new InvalidArgumentError('total', `expected a number > 0, got ${total}`);
  const host = notebookHost();
  const stop = new AbortController();
  const signal = host ? AbortSignal.any([stop.signal, host.signal]) : stop.signal;
  const line = new ProgressLine(label, total, now());
  const bar = host && new ProgressBar(host, line, stop);
  const advance = (done: number, text = ''): void => {
    if (!(done >= 0 && done <= total))
      throw new InvalidArgumentError('done', `expected a number from 0 to ${total}, got ${done}`);
    Object.assign(line, { done, text });
    bar?.show(now());
  };
  let isWhole = false;
  try {
    const result = await work({ signal, advance });
    isWhole = true;
    return result;
  } finally {
    const last = line.last(signal.aborted ? 'stopped' : isWhole ? 'ended' : 'failed');
    if (bar) bar.end(last);
    else process.stdout.write(`${last}\n`);
  }
}

/** The words beside the bar. */
class ProgressLine {
  done = 0;
  text = '';

  constructor(
    readonly label: string,
    readonly total: number,
    private readonly begun: number,
  ) {}

  at(now: number): string {
    const left = ((now - this.begun) / 1000) * (this.total / this.done - 1);
    return [this.#count, this.text, timeLeft(left)].filter(Boolean).join(', ');
  }

  /** What stays; without times, which differ from run to run. */
  last(how: 'ended' | 'stopped' | 'failed'): string {
    const word = how === 'ended' || this.done === this.total ? '' : `${how} at `;
    return `${this.label}: ${word}${[this.#count, this.text].filter(Boolean).join(', ')}`;
  }

  get #count(): string {
    return `${Math.floor(this.done)} of ${this.total}`;
  }
}

function timeLeft(seconds: number): string {
  if (!(seconds >= 1 && seconds < Infinity)) return '';
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}

/** A front end needs no more than ten pictures of a bar a second. */
const LEAST_MS = 100;

class ProgressBar {
  readonly #widgets: OpenedWidgets;
  readonly #bar: Widget;
  readonly #words: Widget;
  readonly #displayId = randomUUID();
  #shownAt = -Infinity;

  constructor(
    private readonly host: NotebookHost,
    private readonly line: ProgressLine,
    stop: AbortController,
  ) {
    this.#widgets = new OpenedWidgets(host.comms);
    const { label, total } = line;
    const described = { description: label, description_allow_html: false };
    this.#bar = this.#widgets.open('FloatProgress', 'ProgressStyle', {
      ...described,
      bar_style: '',
      max: total,
      min: 0,
      orientation: 'horizontal',
      value: 0,
    });
    this.#words = this.#widgets.open('Label', 'LabelStyle', {
      ...described,
      description: '',
      placeholder: '',
      value: '',
    });
    const button = this.#stopButton(stop);
    const children = [this.#bar, this.#words, button].map(reference);
    const box = this.#widgets.open('HBox', null, { children, box_style: '' });
    const view = { version_major: 2, version_minor: 0, model_id: box.id };
    host.display({ [VIEW_MIME]: view, 'text/plain': `${label}: 0 of ${total}` }, { displayId: this.#displayId });
  }

  #stopButton(stop: AbortController): Widget {
    const onCustom = (content: unknown): void => {
      if ((content as { event?: unknown } | null)?.event !== 'click') return;
      button.set({ description: 'Stopping …', disabled: true });
      stop.abort();
    };
    const state = {
      description: 'Stop',
      disabled: false,
      button_style: '',
      icon: '',
      tooltip: `Stop ${this.line.label}`,
    };
    const button = this.#widgets.open('Button', 'ButtonStyle', state, { events: { onCustom } });
    // The cell that it stops is running.
    button.makeUrgent();
    return button;
  }

  show(now: number): void {
    if (now - this.#shownAt < LEAST_MS && this.line.done < this.line.total) return;
    this.#shownAt = now;
    this.#bar.set({ value: this.line.done });
    this.#words.set({ value: this.line.at(now) });
  }

  end(last: string): void {
    this.host.display({ 'text/plain': last }, { displayId: this.#displayId, update: true });
    this.#widgets.close();
  }
}
