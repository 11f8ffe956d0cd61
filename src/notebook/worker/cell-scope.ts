import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** Where a name that stands in a cell's code was declared: in the cell outside of any function or block, in one of those, or not in the cell. */
export type Declared = 'top' | 'inside' | 'not here';

const FILE = 'cell.js';
const OPENING = 'async function cell(exports, require, $link) {\n';

/** A file by itself with its checker: whatever that cannot resolve comes from outside. */
export function parsedAlone(compiler: Compiler, name: string, text: string) {
  const file = compiler.createSourceFile(name, text, compiler.ScriptTarget.ES2022, true);
  const host: ts.CompilerHost = {
    getSourceFile: (wanted) => (wanted === name ? file : undefined),
    getDefaultLibFileName: () => 'lib.d.ts',
    writeFile: () => {},
    getCurrentDirectory: () => '',
    getCanonicalFileName: (wanted) => wanted,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (wanted) => wanted === name,
    readFile: () => undefined,
  };
  const options = { allowJs: true, noLib: true, noResolve: true, types: [], target: compiler.ScriptTarget.ES2022 };
  return { file, checker: compiler.createProgram([name], options, host).getTypeChecker() };
}

/** The names of one cell's code. */
export class CellScope {
  readonly #file: ts.SourceFile;
  readonly #checker: ts.TypeChecker;
  readonly #top: ReadonlySet<ts.Symbol>;

  constructor(
    private readonly compiler: Compiler,
    private readonly code: string,
  ) {
    const { file, checker } = parsedAlone(compiler, FILE, `${OPENING}${code}\n}`);
    this.#file = file;
    this.#checker = checker;
    const [cell] = file.statements as unknown as readonly ts.FunctionDeclaration[];
    const parameters = new Set<ts.Node>(cell?.parameters ?? []);
    const inScope = cell?.body ? checker.getSymbolsInScope(cell.body, compiler.SymbolFlags.Value) : [];
    const isOfCell = ({ declarations = [] }: ts.Symbol): boolean =>
      declarations.some((one) => one !== cell && !parameters.has(one));
    this.#top = new Set(inScope.filter(isOfCell));
  }

  /** Where the name at `offset` of `text` was declared, by every place in the cell that reads so. */
  declared(text: string, offset: number): Declared {
    const found = new Set<Declared>();
    for (let at = this.code.indexOf(text); at >= 0; at = this.code.indexOf(text, at + 1))
      found.add(this.#declaredAt(OPENING.length + at + offset));
    if (found.has('inside')) return 'inside';
    return found.has('top') ? 'top' : 'not here';
  }

  #declaredAt(position: number): Declared {
    const name = this.#identifierAt(position);
    const symbol =
      name && this.compiler.isShorthandPropertyAssignment(name.parent)
        ? this.#checker.getShorthandAssignmentValueSymbol(name.parent)
        : name && this.#checker.getSymbolAtLocation(name);
    if (!symbol || (symbol.declarations?.length ?? 0) === 0) return 'not here';
    return this.#top.has(symbol) ? 'top' : 'inside';
  }

  #identifierAt(position: number): ts.Identifier | undefined {
    const visit = (node: ts.Node): ts.Identifier | undefined => {
      if (position < node.pos || position >= node.end) return undefined;
      if (this.compiler.isIdentifier(node)) return node.getStart(this.#file) === position ? node : undefined;
      return this.compiler.forEachChild(node, visit);
    };
    return visit(this.#file);
  }
}
