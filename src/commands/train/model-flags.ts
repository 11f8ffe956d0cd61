import type { MODEL_OPTIONS } from '../../vae/model-table';
import type { FlagsOf } from '../table-flags';

/** The options of a model as `gmm-vae train` parses them. */
export type ModelFlags = FlagsOf<typeof MODEL_OPTIONS>;
