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
 * Computes what a cell shows at a few places of its controls, for a report whose page cannot compute it. `show` may be asynchronous.
 * @returns why there are none, in a few words, where that would take too much
 */
export async function framesOf(
  specs: Readonly<Record<string, ControlSpec>>,
  { show, values, describe, now = () => performance.now() }: Work,
): Promise<Frames | string> {
  const begun = now();
  const sample = await show({ ...values });
  const milliseconds = Math.max(now() - begun, 0.1);
  const bytes = JSON.stringify(shownOf(sample)).length;
  const most = Math.floor(Math.min(MOST, MOST_BYTES / bytes, MOST_MS / milliseconds));
  const steps = chooseSteps(specs, most);
  if (steps.length === 0) return 'no few places of its controls would show it';
  const shown: Frames['shown'][number][] = [];
  // One after the other, as a reader's moves would be.
  for (const at of combinations(steps)) {
    try {
      shown.push(shownOf(await show({ ...values, ...at })));
    } catch (thrown) {
      const { ename, evalue } = describe(thrown);
      shown.push({ error: `${ename}: ${evalue}` });
    }
  }
  return { steps, shown };
}

function shownOf(value: unknown): Record<string, unknown> {
  const bundle = mimeBundle(value);
  return Object.fromEntries(SHOWN.flatMap((mime) => (mime in bundle ? [[mime, bundle[mime]]] : [])));
}
