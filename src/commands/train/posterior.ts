import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import type { ModelFlags } from './model-flags';

/** The options that say what q(z|x) is, as parsed. */
export type PosteriorFlags = Pick<ModelFlags, 'flow' | 'flowLength' | 'flowUnits' | 'hierarchy'>;

const USUAL_LENGTH = 4;

type Options = Pick<StoredModel, 'flow' | 'hierarchy'>;

/** The model's options. */
export function posteriorOptions(flags: PosteriorFlags): Options {
  const { flow, flowLength: length = USUAL_LENGTH, flowUnits, hierarchy } = flags;
  if (hierarchy !== undefined) return { hierarchy: { top: hierarchy } };
  if (!flow) return {};
  if (flow === 'planar') return { flow: { kind: flow, length } };
  return { flow: { kind: flow, length, ...(flowUnits !== undefined && { units: flowUnits }) } };
}

/** What a kept model was started with, as options. */
export function storedPosterior({ flow, hierarchy }: Options): PosteriorFlags {
  if (hierarchy) return { hierarchy: hierarchy.top };
  if (!flow) return {};
  const units = flow.kind === 'iaf' ? flow.units : undefined;
  return { flow: flow.kind, flowLength: flow.length, ...(units !== undefined && { flowUnits: units }) };
}

/** @throws UsageError on options that do not go together */
export function checkPosterior(
  { flow, flowLength, flowUnits, hierarchy }: PosteriorFlags,
  { prior, stickingTheLanding }: { readonly prior: string; readonly stickingTheLanding: boolean },
): void {
  if (flowLength !== undefined && !flow) throw new UsageError('--flow-length: needs --flow planar or iaf');
  if (flowUnits !== undefined && flow !== 'iaf') throw new UsageError('--flow-units: only --flow iaf has them');
  if (hierarchy !== undefined && flow) throw new UsageError('--hierarchy: not with --flow: choose one');
  if (hierarchy !== undefined && stickingTheLanding)
    throw new UsageError('--sticking-the-landing: not with --hierarchy, whose q(z|x) is not normal');
  if (!flow) return;
  if (prior === 'vamp')
    throw new UsageError('--flow: not with --prior vamp, whose density needs q(z|u) at any z; choose gmm or normal');
  if (stickingTheLanding)
    throw new UsageError(
      '--sticking-the-landing: not with --flow, whose density at a z held fixed needs the inverse map',
    );
}
