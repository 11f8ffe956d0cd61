import { z } from 'zod';

/**
 * Takes a stored model as any build wrote it, and renames what the first ones said: they had `hiddenKind`, and `network` only where there
 * are convolutions.
 */
export const renamedModel = z
  .looseObject({
    hiddenKind: z.enum(['relu', 'tanh', 'gated']).optional(),
    network: z.looseObject({ kind: z.string() }).optional(),
  })
  .transform(({ hiddenKind, network, ...model }): unknown => {
    if (hiddenKind === undefined) return { ...model, ...(network && { network }) };
    const isGated = hiddenKind === 'gated' && network?.kind !== 'conv';
    return { ...model, network: isGated ? { kind: 'gated' } : { kind: 'dense', ...network, activation: hiddenKind } };
  });
