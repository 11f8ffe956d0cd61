import type { MimeBundle } from '../../display';
import { PLOTLY_MIME } from '../../figures/figure';
import type { Controls } from '../../live/controls';

/**
 * What a front end needs of a live cell so that handles of its figure move its sliders: each slider's comm, its range, and where it
 * stands in this figure. It goes into the output's metadata.
 * @param idOf the id of a control's comm
 */
export function handleSliders(
  bundle: MimeBundle,
  {
    controls,
    values,
    idOf,
  }: { controls: Controls; values: Readonly<Record<string, unknown>>; idOf: (name: string) => string | undefined },
): object {
  const { layout } = (bundle[PLOTLY_MIME] ?? {}) as { layout?: { meta?: { handles?: readonly object[] } } };
  if (!layout?.meta?.handles?.length) return {};
  const sliders = Object.entries(controls).flatMap(([name, { spec }]) => {
    const comm = idOf(name);
    if (spec.kind !== 'slider' || comm === undefined) return [];
    const { min, max, step, label = name } = spec;
    return [[name, { comm, label, min, max, step, value: values[name] }] as const];
  });
  return { 'gmm-vae': { controls: Object.fromEntries(sliders) } };
}
