import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** What the compiler knows of a name. */
export interface AboutName {
  readonly info: ts.QuickInfo;
  /** Every way to call it, where there are several. */
  readonly overloads: readonly string[];
}

/** The most overloads listed: some of Node's functions have dozens. */
const LISTED_OVERLOADS = 12;

/** What the name is, as plain text; null where nothing has that name. */
export function describeName({ info, overloads }: AboutName): string | null {
  const { displayParts = [], documentation = [], tags = [] } = info;
  const heading = plain(displayParts);
  // The type of what the compiler cannot find.
  if (info.kind === '' && heading === 'any') return null;
  const listed = overloads.slice(0, LISTED_OVERLOADS).map((one) => `  ${one}`);
  const more = overloads.length > LISTED_OVERLOADS ? [`  … ${overloads.length - LISTED_OVERLOADS} more`] : [];
  const parts = [
    heading,
    ...(overloads.length > 1 ? [['All overloads:', ...listed, ...more].join('\n')] : []),
    plain(documentation),
    tags.map(({ name, text }) => `@${name} ${plain(text ?? [])}`.trimEnd()).join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Text of which links keep what a reader would see of them. */
function plain(parts: readonly ts.SymbolDisplayPart[]): string {
  return parts
    .map(({ kind, text }, i) => {
      if (kind === 'link') return '';
      if (kind === 'linkText') return text.replace(/^\s*\|?\s*/, '').trimEnd();
      // A link shows its own text, where it has one, in place of its target.
      return kind === 'linkName' && parts[i + 1]?.kind === 'linkText' ? '' : text;
    })
    .join('');
}

/** Every signature of the function or class at a position of a file, where there are several. */
export function overloadsAt(
  compiler: Compiler,
  checker: ts.TypeChecker,
  file: ts.SourceFile,
  position: number,
): string[] {
  const node = nodeAt(compiler, file, position);
  const symbol = node && checker.getSymbolAtLocation(node);
  if (!node || !symbol) return [];
  const type = checker.getTypeOfSymbolAtLocation(symbol, node);
  const isNew = compiler.isNewExpression(node.parent) && node.parent.expression === node;
  const signatures = isNew ? type.getConstructSignatures() : type.getCallSignatures();
  if (signatures.length < 2) return [];
  return signatures.map((one) => `${isNew ? 'new ' : ''}${symbol.name}${checker.signatureToString(one, node)}`);
}

/** The smallest part that holds the position. */
function nodeAt(compiler: Compiler, file: ts.SourceFile, position: number): ts.Node | undefined {
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(file) || position >= node.end) return;
    found = node;
    compiler.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
