import type { CompiledCode } from './compiled';
import type { Diagnostic } from './diagnostics';

/** Node's note above the stack of what V8 cannot parse: the script, its line, the text of that line, marks below the place. */
const NOTE = /^(.*):(\d+)\n.*\n( *)\^/;

/** What V8 refuses although the compiler let it pass, as it does where nothing is checked. */
export class Unparsed extends Error {
  constructor(override readonly cause: SyntaxError) {
    super(cause.message);
  }

  /** Where in its source that is. */
  place(script: string, { toSource }: CompiledCode): Diagnostic | undefined {
    const [, name, line, marks = ''] = NOTE.exec(this.cause.stack ?? '') ?? [];
    const at = name === script ? toSource({ line: Number(line) - 1, column: marks.length }) : null;
    return at ? { line: at.line + 1, column: at.column + 1, length: 1, message: this.message } : undefined;
  }
}

/** Tells what V8 cannot parse from a SyntaxError that the code itself throws. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof SyntaxError ? new Unparsed(error) : error;
  }
}
