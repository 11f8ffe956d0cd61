import type ts from '@tslab/typescript-for-tslab';

type Compiler = typeof ts;

/**
 * Turns a compiled cell into the body of a function whose variables stay live for later cells. Where tslab copies each
 * top-level name into `exports` once, this lends later cells a getter and, for `let` and `var`, a setter, so that a
 * function sees what a later cell assigns. The getters are one added first line.
 */
export function linkVariables(compiler: Compiler, code: string): string {
  const file = compiler.createSourceFile('cell.js', code, compiler.ScriptTarget.ES2022, false, compiler.ScriptKind.JS);
  const names: string[] = [];
  const fixed = new Set<string>();
  let body = code;
  for (const statement of file.statements) {
    for (const name of fixedNames(compiler, statement)) fixed.add(name);
    if (compiler.isExportDeclaration(statement) && !statement.moduleSpecifier) {
      if (statement.exportClause && compiler.isNamedExports(statement.exportClause)) {
        names.push(...statement.exportClause.elements.map((element) => element.name.text));
      }
      body = blank(body, statement.getStart(file), statement.end);
    } else if (compiler.isVariableStatement(statement)) {
      const keyword = statement.modifiers?.find((modifier) => modifier.kind === compiler.SyntaxKind.ExportKeyword);
      if (!keyword) continue;
      body = blank(body, keyword.getStart(file), keyword.end);
      for (const declaration of statement.declarationList.declarations) {
        if (compiler.isIdentifier(declaration.name)) names.push(declaration.name.text);
      }
    }
  }
  const links = names.map((name) => {
    const setter = fixed.has(name) ? ', undefined' : `, ($v) => { ${name} = $v; }`;
    return `${JSON.stringify(name)}: [() => ${name}${setter}]`;
  });
  return `$link({ ${links.join(', ')} });\n${body}`;
}

function fixedNames(compiler: Compiler, statement: ts.Statement): string[] {
  if (compiler.isClassDeclaration(statement) || compiler.isFunctionDeclaration(statement)) {
    return statement.name ? [statement.name.text] : [];
  }
  if (compiler.isVariableStatement(statement)) {
    if ((statement.declarationList.flags & compiler.NodeFlags.Const) === 0) return [];
    return statement.declarationList.declarations.flatMap((declaration) => bindingNames(compiler, declaration.name));
  }
  if (!compiler.isImportDeclaration(statement) || !statement.importClause) return [];
  const { name, namedBindings } = statement.importClause;
  const own = name ? [name.text] : [];
  if (!namedBindings) return own;
  if (compiler.isNamespaceImport(namedBindings)) return [...own, namedBindings.name.text];
  return [...own, ...namedBindings.elements.map((element) => element.name.text)];
}

function bindingNames(compiler: Compiler, name: ts.BindingName): string[] {
  if (compiler.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    compiler.isBindingElement(element) ? bindingNames(compiler, element.name) : [],
  );
}

/** Replaces a range by spaces and keeps its line breaks, so that positions stay true. */
function blank(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end);
}

/** tslab exports every name of a cell itself and refuses a cell that does; the word is blanked, the declaration stays. */
export function dropExports(compiler: Compiler, code: string): string {
  if (!code.includes('export')) return code;
  const file = compiler.createSourceFile('cell.ts', code, compiler.ScriptTarget.ES2022, false, compiler.ScriptKind.TS);
  let result = code;
  for (const statement of file.statements) {
    if (!compiler.canHaveModifiers(statement)) continue;
    const words: ts.SyntaxKind[] = [compiler.SyntaxKind.ExportKeyword, compiler.SyntaxKind.DefaultKeyword];
    for (const modifier of compiler.getModifiers(statement) ?? []) {
      if (words.includes(modifier.kind)) result = blank(result, modifier.getStart(file), modifier.end);
    }
  }
  return result;
}

/** Whether a name stands for a variable of an earlier cell. */
export function isOfEarlierCells(
  compiler: Compiler,
  checker: ts.TypeChecker,
  isEarlierCell: (file: ts.SourceFile) => boolean,
): (name: ts.Identifier) => boolean {
  return (name) => {
    const isShorthand = compiler.isShorthandPropertyAssignment(name.parent) && name.parent.name === name;
    const symbol = isShorthand
      ? checker.getShorthandAssignmentValueSymbol(name.parent)
      : checker.getSymbolAtLocation(name);
    return symbol?.declarations?.some((declaration) => isEarlierCell(declaration.getSourceFile())) ?? false;
  };
}

/**
 * tslab turns a name of an earlier cell into `exports.name`, by its symbol. That goes wrong in three places, which are put
 * right before tslab sees them: `{x}` with x from an earlier cell is left as it is and fails when it runs; in
 * `{name: y} = object` the property's name is taken for a variable when an earlier cell declared the object's type; and
 * `f()` would become a method's call, in which `this` is all variables of the notebook.
 */
export function clarifyNames(
  compiler: Compiler,
  checker: ts.TypeChecker,
  isEarlierCell: (file: ts.SourceFile) => boolean,
): ts.TransformerFactory<ts.SourceFile> {
  const isEarlier = isOfEarlierCells(compiler, checker, isEarlierCell);
  return (context) => {
    const { factory } = context;
    const quoted = (name: ts.Identifier): ts.StringLiteral | ts.Identifier =>
      isEarlier(name) ? factory.createStringLiteral(name.text) : name;
    const expand = (node: ts.ShorthandPropertyAssignment): ts.Node => {
      const earlier = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), node.name.text);
      const fallback = node.objectAssignmentInitializer;
      const value = fallback
        ? factory.createAssignment(earlier, compiler.visitNode(fallback, visit) as ts.Expression)
        : earlier;
      return factory.createPropertyAssignment(factory.createIdentifier(node.name.text), value);
    };
    /** `f` as `(0, f)`, which the compiler itself writes for what is imported. */
    const alone = <E extends ts.Expression>(called: E): E | ts.ParenthesizedExpression => {
      const name = unwrapped(compiler, called);
      if (!compiler.isIdentifier(name) || !isEarlier(name)) return called;
      const value = factory.createComma(factory.createNumericLiteral(0), called);
      return compiler.setTextRange(factory.createParenthesizedExpression(value), called);
    };
    const visit = (node: ts.Node): ts.Node => {
      if (compiler.isCallExpression(node)) {
        const inner = compiler.visitEachChild(node, visit, context);
        return factory.updateCallExpression(inner, alone(inner.expression), inner.typeArguments, inner.arguments);
      }
      if (compiler.isTaggedTemplateExpression(node)) {
        const inner = compiler.visitEachChild(node, visit, context);
        return factory.updateTaggedTemplateExpression(inner, alone(inner.tag), inner.typeArguments, inner.template);
      }
      if (compiler.isShorthandPropertyAssignment(node)) {
        if (isEarlier(node.name)) return expand(node);
      } else if (compiler.isPropertyAssignment(node) && compiler.isIdentifier(node.name)) {
        const value = compiler.visitNode(node.initializer, visit) as ts.Expression;
        return factory.updatePropertyAssignment(node, quoted(node.name), value);
      } else if (compiler.isBindingElement(node) && node.propertyName && compiler.isIdentifier(node.propertyName)) {
        const inner = compiler.visitEachChild(node, visit, context);
        const { dotDotDotToken, name, initializer } = inner;
        return factory.updateBindingElement(inner, dotDotDotToken, quoted(node.propertyName), name, initializer);
      }
      return compiler.visitEachChild(node, visit, context);
    };
    return (file) => compiler.visitNode(file, visit) as ts.SourceFile;
  };
}

/** An expression without brackets and types around it. */
function unwrapped(compiler: Compiler, expression: ts.Expression): ts.Expression {
  const isAround =
    compiler.isParenthesizedExpression(expression) ||
    compiler.isAssertionExpression(expression) ||
    compiler.isSatisfiesExpression(expression) ||
    compiler.isNonNullExpression(expression);
  return isAround ? unwrapped(compiler, expression.expression) : expression;
}
