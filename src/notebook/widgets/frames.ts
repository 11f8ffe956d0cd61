import type { ControlSpec } from '../../live/controls';
import { chooseSteps, combinations, type Frames } from '../../live/frames';
import { mimeBundle } from '../display';
import type { CallbackError } from '../host';

/** What a page shows of a frame. */
const SHOWN = ['application/vnd.plotly.v1+json', 'text/plain'];
const MOST = 64;
const MOST_BYTES = 2e6;
const MOST_MS = 20_000;

interface Work {
  readonly show: (values: object) => unknown;
  readonly values: Readonly<Record<string, unknown>>;
  readonly describe: (thrown: unknown) => CallbackError;
  readonly now?: () => number;
}

/**
 * Computes what a cell shows at a few places of its controls, for a report whose page cannot compute it.
 * @returns why there are none, in a few words, where that would take too much
 */
export function framesOf(
  specs: Readonly<Record<string, ControlSpec>>,
  { show, values, describe, now = () => performance.now() }: Work,
): Frames | string {
  const begun = now();
  const sample = show({ ...values });
  if (typeof (sample as PromiseLike<unknown> | null)?.then === 'function') return 'it is asynchronous';
  const milliseconds = Math.max(now() - begun, 0.1);
  const bytes = JSON.stringify(shownOf(sample)).length;
  const most = Math.floor(Math.min(MOST, MOST_BYTES / bytes, MOST_MS / milliseconds));
  const steps = chooseSteps(specs, most);
  if (steps.length === 0) return 'no few places of its controls would show it';
  const shown = [...combinations(steps)].map((at) => {
    try {
      return shownOf(show({ ...values, ...at }));
    } catch (thrown) {
      const { ename, evalue } = describe(thrown);
      return { error: `${ename}: ${evalue}` };
    }
  });
  return { steps, shown };
}

function shownOf(value: unknown): Record<string, unknown> {
  const bundle = mimeBundle(value);
  return Object.fromEntries(SHOWN.flatMap((mime) => (mime in bundle ? [[mime, bundle[mime]]] : [])));
}
