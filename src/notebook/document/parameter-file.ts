import { UsageError } from '../../errors';
import { readYaml } from '../../yaml-files';
import type { Parameters, ParameterValue } from './parameters';

/**
 * Parameters from a YAML (or JSON) file: one mapping of names to numbers, text, booleans, null and lists of those.
 * @throws UsageError in one line: no such file, not UTF-8, not YAML (with the line), not such a mapping.
 */
export function readParameterFile(path: string): Parameters {
  const values = readYaml(path);
  if (values === null) return {};
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new UsageError(
      `${path}: expected a mapping of parameters, e.g. "samples: 100", got ${JSON.stringify(values)}`,
    );
  }
  for (const [name, value] of Object.entries(values)) {
    if (!isParameterValue(value)) {
      const given = JSON.stringify(value) ?? String(value);
      throw new UsageError(`${path}: ${name}: expected a number, text, true, false, null or a list, got ${given}`);
    }
  }
  return values as Parameters;
}

function isParameterValue(value: unknown): value is ParameterValue {
  if (Array.isArray(value)) return value.every(isParameterValue);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
