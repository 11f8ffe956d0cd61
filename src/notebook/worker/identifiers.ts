import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/** Whether an identifier stands for a value, not for the name of a property, a label or a declaration. */
export function isReference(compiler: Compiler, node: ts.Identifier): boolean {
  const { parent } = node;
  if (compiler.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (compiler.isPropertyAssignment(parent)) return parent.initializer === node;
  if (compiler.isBindingElement(parent)) return parent.initializer === node;
  if (compiler.isLabeledStatement(parent) || compiler.isBreakOrContinueStatement(parent)) return false;
  if (compiler.isMetaProperty(parent)) return false;
  return (
    !(parent as { name?: ts.Node }).name ||
    (parent as { name?: ts.Node }).name !== node ||
    compiler.isShorthandPropertyAssignment(parent)
  );
}

/** Whether code gives this reference a value: alone, in a pattern, or by a loop. */
export function isAssigned(compiler: Compiler, reference: ts.Node): boolean {
  const { FirstAssignment, LastAssignment, MinusMinusToken, PlusPlusToken } = compiler.SyntaxKind;
  for (let node = reference; ; node = node.parent) {
    const { parent } = node;
    if (compiler.isBinaryExpression(parent)) {
      const { kind } = parent.operatorToken;
      return parent.left === node && kind >= FirstAssignment && kind <= LastAssignment;
    }
    if (compiler.isPrefixUnaryExpression(parent) || compiler.isPostfixUnaryExpression(parent))
      return [PlusPlusToken, MinusMinusToken].includes(parent.operator);
    if (compiler.isForInStatement(parent) || compiler.isForOfStatement(parent)) return parent.initializer === node;
    // What may be a pattern, which its place tells.
    const isPart =
      compiler.isArrayLiteralExpression(parent) ||
      compiler.isObjectLiteralExpression(parent) ||
      compiler.isShorthandPropertyAssignment(parent) ||
      compiler.isSpreadElement(parent) ||
      compiler.isSpreadAssignment(parent) ||
      compiler.isParenthesizedExpression(parent) ||
      (compiler.isPropertyAssignment(parent) && parent.initializer === node);
    if (!isPart) return false;
  }
}
