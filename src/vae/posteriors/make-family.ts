import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import type { VaeOptions } from '../model';
import { hiddenKindOf } from '../networks';
import type { PosteriorFamily } from './family';
import { flowFamily, makeFlow } from './flow';
import { checkHierarchy, completedHierarchy, type Hierarchy, makeHierarchy } from './hierarchy';
import { normalFamily } from './normal';

/** q(z|x) of one level: a diagonal normal, or what a flow makes of it. @throws InvalidArgumentError on options that do not go together */
export function familyOf(options: VaeOptions, stream: RandomStream): PosteriorFamily {
  checkFamily(options);
  const { flow, latent } = options;
  return flow ? flowFamily(latent, makeFlow(flow, latent, stream)) : normalFamily(latent);
}

/** q(z|x) of two levels, where they are asked for. @throws InvalidArgumentError on options that do not go together */
export function hierarchyOf(options: VaeOptions, stream: RandomStream): Hierarchy | null {
  const { hierarchy, latent, hidden, network = { kind: 'dense' }, initialiser, pixels } = options;
  if (!hierarchy) return null;
  checkFamily(options);
  checkHierarchy(hierarchy, latent);
  const { top, units } = completedHierarchy(hierarchy, hidden);
  const isDense = network.kind === 'dense' || network.kind === 'gated';
  const hiddenKind = hiddenKindOf(network);
  const shape = { lower: latent - top, top, units, hiddenKind, initialiser, pixels: isDense ? pixels : null };
  return makeHierarchy(shape, stream);
}

/** @throws InvalidArgumentError on what does not go together with a flow or two levels */
function checkFamily({ flow, hierarchy, prior }: VaeOptions): void {
  if (flow && hierarchy) throw new InvalidArgumentError('flow', 'expected none beside a hierarchy: choose one');
  if (flow && prior.kind === 'vamp') {
    throw new InvalidArgumentError(
      'prior.kind',
      'expected another than vamp with a flow: its density is a mixture of q(z|u), which a flow knows only at its own samples',
    );
  }
  if ((flow || hierarchy) && prior.kind === 'standard-normal' && prior.sampledKl === false) {
    throw new InvalidArgumentError(
      'prior.sampledKl',
      `expected true or nothing with a ${flow ? 'flow' : 'hierarchy'}: no closed form of KL(q ‖ p) is known for its q, so that the KL term is equation (11)`,
    );
  }
}
