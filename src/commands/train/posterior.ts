import type { Command } from 'commander';
import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import { choice, positiveInteger } from '../vae-options';

const FLOW_NAMES = ['planar', 'iaf'] as const;

/** The options that say what q(z|x) is, as parsed. */
export interface PosteriorFlags {
  readonly flow?: (typeof FLOW_NAMES)[number];
  readonly flowLength?: number;
  readonly flowUnits?: number;
}

export function addPosteriorOptions(command: Command): Command {
  return command
    .addOption(
      choice('--flow <kind>', 'makes q(z|x) more than a diagonal normal, whose KL is then sampled', FLOW_NAMES),
    )
    .option('--flow-length <n>', 'steps of --flow (default: 4)', positiveInteger('--flow-length'))
    .option('--flow-units <n>', 'hidden units of each step of iaf (default: 64)', positiveInteger('--flow-units'));
}

const USUAL_LENGTH = 4;

type Options = Pick<StoredModel, 'flow'>;

/** The model's options. */
export function posteriorOptions({ flow, flowLength: length = USUAL_LENGTH, flowUnits }: PosteriorFlags): Options {
  if (!flow) return {};
  if (flow === 'planar') return { flow: { kind: flow, length } };
  return { flow: { kind: flow, length, ...(flowUnits !== undefined && { units: flowUnits }) } };
}

/** What a kept model was started with, as options. */
export function storedPosterior({ flow }: Options): PosteriorFlags {
  if (!flow) return {};
  const units = flow.kind === 'iaf' ? flow.units : undefined;
  return { flow: flow.kind, flowLength: flow.length, ...(units !== undefined && { flowUnits: units }) };
}

/** @throws UsageError on options that do not go together */
export function checkPosterior(
  { flow, flowLength, flowUnits }: PosteriorFlags,
  { prior, stickingTheLanding }: { readonly prior: string; readonly stickingTheLanding: boolean },
): void {
  if (flowLength !== undefined && !flow) throw new UsageError('--flow-length: needs --flow planar or iaf');
  if (flowUnits !== undefined && flow !== 'iaf') throw new UsageError('--flow-units: only --flow iaf has them');
  if (!flow) return;
  if (prior === 'vamp')
    throw new UsageError('--flow: not with --prior vamp, whose density needs q(z|u) at any z; choose gmm or normal');
  if (stickingTheLanding)
    throw new UsageError(
      '--sticking-the-landing: not with --flow, whose density at a z held fixed needs the inverse map',
    );
}
