import type { Engine, EngineName } from './engine';
import { KUBERNETES } from './kubernetes';
import { LOCAL } from './local';
import { SLURM } from './slurm';

export const ENGINES: { readonly [E in EngineName]: Engine } = { local: LOCAL, slurm: SLURM, kubernetes: KUBERNETES };
