import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** The compiler's name for `declare global`. */
const GLOBAL = '__global';
const CELL = '__tslab__.ts';
const EARLIER_CELLS = '__prev__.d.ts';

/** Whether this is the file in which tslab declares what earlier cells have named. */
export function isEarlierCells(file: ts.SourceFile): boolean {
  return file.fileName.endsWith(`/${EARLIER_CELLS}`);
}

/** Whether this is the file that holds the cell being compiled. */
export function isCell(file: ts.SourceFile): boolean {
  return file.fileName.endsWith(`/${CELL}`);
}

/** tslab reads the cell's names from the bound files and relies on its own builder to have bound them. */
export function bindCell(compiler: Compiler, program: ts.Program): void {
  for (const file of program.getSourceFiles()) {
    if (!isEarlierCells(file) && !isCell(file)) continue;
    bind(compiler, program, file);
    // tslab would export it like any other name.
    (file as ts.SourceFile & { locals?: Map<string, ts.Symbol> }).locals?.delete(GLOBAL);
  }
}

/** Internal to the compiler, but exported by it: fills in a file's own names without checking anything. */
function bind(compiler: Compiler, program: ts.Program, file: ts.SourceFile): void {
  const { bindSourceFile } = compiler as Compiler & {
    bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
  };
  bindSourceFile(file, program.getCompilerOptions());
}

/** Whether a cell has a `declare global`. */
export function declaresGlobals(compiler: Compiler, cell: ts.SourceFile): boolean {
  return cell.statements.some((one) => (one.flags & compiler.NodeFlags.GlobalAugmentation) !== 0);
}

/** The file and every source (no declaration file) that it reaches by imports. */
export function localDependencies(compiler: Compiler, program: ts.Program, file: ts.SourceFile): string[] {
  const checker = program.getTypeChecker();
  const found = new Set<ts.SourceFile>();
  const visit = (source: ts.SourceFile): void => {
    if (found.has(source) || source.isDeclarationFile) return;
    found.add(source);
    for (const specifier of importedNames(source)) {
      for (const declaration of checker.getSymbolAtLocation(specifier)?.declarations ?? []) {
        if (compiler.isSourceFile(declaration)) visit(declaration);
      }
    }
  };
  visit(file);
  return [...found].map(({ fileName }) => fileName);
}

/** The compiler's own list of a file's import and export specifiers, dynamic imports included. */
function importedNames(file: ts.SourceFile): readonly ts.Expression[] {
  return (file as ts.SourceFile & { readonly imports?: readonly ts.StringLiteral[] }).imports ?? [];
}

/**
 * Whether a cell declares `var`s inside blocks and loops: they belong to the whole cell, and so to later ones, but a
 * declaration file of the compiler leaves them out.
 */
export function hasNestedVariables(compiler: Compiler, cell: ts.SourceFile): boolean {
  const { locals } = cell as ts.SourceFile & { readonly locals?: ReadonlyMap<string, ts.Symbol> };
  return [...(locals?.values() ?? [])].some(({ valueDeclaration: declared }) => {
    if (!declared || !(compiler.isVariableDeclaration(declared) || compiler.isBindingElement(declared))) return false;
    const { parent: list } = compiler.walkUpBindingElementsAndPatterns(declared as ts.BindingElement);
    const statement = list.parent;
    return !compiler.isVariableStatement(statement) || statement.parent !== cell;
  });
}

/** Whether a cell waits outside its functions. tslab goes by an error of the compiler for that, and overlooks `for await`. */
export function awaitsAtTop(compiler: Compiler, node: ts.Node): boolean {
  if (compiler.isAwaitExpression(node) || (compiler.isForOfStatement(node) && node.awaitModifier)) return true;
  if (compiler.isFunctionLike(node)) return false;
  return compiler.forEachChild(node, (child) => awaitsAtTop(compiler, child) || undefined) ?? false;
}
