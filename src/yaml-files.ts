import { parseDocument } from 'yaml';
import { UsageError } from './errors';
import { readText } from './text-files';

/**
 * Reads a YAML (or JSON) file. Anchors and merge keys are resolved.
 *
 * @throws UsageError in one line with the place: no such file, not UTF-8, not YAML, several documents, or what could only be guessed
 */
export function readYaml(path: string): unknown {
  const document = parseDocument(readText(path), { merge: true });
  // A warning is of a tag that nobody knows, whose value would be guessed.
  const [problem] = [...document.errors, ...document.warnings];
  try {
    if (problem) throw problem;
    return document.toJS();
  } catch (error) {
    if (problem?.code === 'MULTIPLE_DOCS') throw new UsageError(`${path}: expected one document, got several`);
    throw new UsageError(`${path}: not YAML: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`);
  }
}
