import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { UsageError } from './errors';
import { isInexact } from './inexact';
import { readText } from './text-files';

/**
 * Reads a YAML (or JSON) file. Anchors and merge keys are resolved.
 *
 * @throws UsageError in one line with the place: no such file, not UTF-8, not YAML, several documents, or what could only be guessed
 */
export function readYaml(path: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { merge: true, lineCounter: lines });
  // A warning is of a tag that nobody knows, whose value would be guessed.
  const [problem] = [...document.errors, ...document.warnings];
  try {
    if (problem) throw problem;
    refuseLost(document, path, lines);
    return document.toJS();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (problem?.code === 'MULTIPLE_DOCS') throw new UsageError(`${path}: expected one document, got several`);
    throw new UsageError(`${path}: not YAML: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`);
  }
}

/** A number that is too large is read as Infinity, which nobody wrote: that is `.inf`. And an integer of too many digits as another one. */
function refuseLost(document: Document, path: string, lines: LineCounter): void {
  visit(document, {
    Scalar(key, { value, source = '', range }) {
      // JavaScript takes it for something else than an option.
      if (key === 'key' && value === '__proto__') throw new UsageError(`${path}: __proto__ cannot be a key`);
      if (typeof value !== 'number' || !/\d/.test(source)) return;
      const { line } = lines.linePos(range?.[0] ?? 0);
      if (!Number.isFinite(value))
        throw new UsageError(`${path}: line ${line}: ${source} exceeds the largest number, ${Number.MAX_VALUE}`);
      if (isInexact(source))
        throw new UsageError(
          `${path}: line ${line}: ${source} cannot be held exactly, the nearest number is ${value}: ${source}.0 says that it will do`,
        );
    },
  });
}
