import type ts from '@tslab/typescript-for-tslab';
import { compiler } from '../tslab';

/** A variable that code declares with an initial value. */
export interface Declaration {
  readonly keyword: string;
  readonly name: string;
  /** `''` where it has none. */
  readonly annotation: string;
  /** The value as written, without comments and line breaks. */
  readonly initial: string;
}

/** The variables that code declares outside of blocks, in order. Patterns and names without a value are left out. */
export function declarationsIn(code: string): Declaration[] {
  const { createSourceFile, isIdentifier, isVariableStatement, ScriptTarget } = compiler();
  const source = createSourceFile('parameters.ts', code, ScriptTarget.ES2022);
  return source.statements.filter(isVariableStatement).flatMap(({ declarationList }) => {
    const keyword = declarationList.getFirstToken(source)?.getText(source) ?? '';
    return declarationList.declarations.flatMap(({ name, type, initializer }) => {
      if (!isIdentifier(name) || initializer === undefined || initializer.getWidth(source) === 0) return [];
      const annotation = type === undefined ? '' : onOneLine(type, source);
      return [{ keyword, name: name.text, annotation, initial: onOneLine(initializer, source) }];
    });
  });
}

const OPENING = /[([{]$/;
const CLOSING = /^[)\]}]/;

/** The node as written, with a space for comments and line breaks; none where a line was broken at a bracket. */
function onOneLine(node: ts.Node, source: ts.SourceFile): string {
  return tokensOf(node, source).reduce((text, token) => {
    const gap = source.text.slice(token.pos, token.getStart(source));
    const next = token.getText(source);
    const dropped = gap.includes('\n') && (OPENING.test(text) || CLOSING.test(next));
    return text + (gap === '' || dropped || text === '' ? '' : ' ') + next;
  }, '');
}

function tokensOf(node: ts.Node, source: ts.SourceFile): ts.Node[] {
  const children = node.getChildren(source);
  return children.length === 0 ? [node] : children.flatMap((child) => tokensOf(child, source));
}
