import { isDeepStrictEqual } from 'node:util';
import ts from 'typescript';

/**
 * Says how a value differs from what a comment states, or null. Numbers are compared to the digits that are written, whole numbers
 * exactly; of objects only the properties that are written; typed arrays as arrays. A unit may follow: `0.28 nats`.
 */
export function difference(actual: unknown, comment: string): string | null {
  const stated = comment.replace(/ (nats|nats²)$/, '');
  const file = ts.createSourceFile('value.ts', `(${stated})`, ts.ScriptTarget.ES2022, true) as ts.SourceFile & {
    readonly parseDiagnostics: readonly unknown[];
  };
  const statement = file.statements[0];
  if (
    file.parseDiagnostics.length > 0 ||
    file.statements.length !== 1 ||
    !statement ||
    !ts.isExpressionStatement(statement)
  )
    return `the comment is not a value: ${comment}`;
  return compare(actual, (statement.expression as ts.ParenthesizedExpression).expression, '');
}

const CONSTANTS: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
};

function compare(actual: unknown, stated: ts.Expression, path: string): string | null {
  const differs = `${path || 'value'}: expected ${stated.getText()}, got ${shown(actual)}`;
  if (ts.isArrayLiteralExpression(stated)) {
    if (!isList(actual) || actual.length !== stated.elements.length) return differs;
    return first(stated.elements.map((element, i) => compare(actual[i], element, `${path}[${i}]`)));
  }
  if (ts.isObjectLiteralExpression(stated)) {
    if (typeof actual !== 'object' || actual === null) return differs;
    return first(
      stated.properties.map((property) => {
        if (!ts.isPropertyAssignment(property)) return `the comment is not a value: ${property.getText()}`;
        const key = ts.isStringLiteral(property.name) ? property.name.text : property.name.getText();
        return compare((actual as Record<string, unknown>)[key], property.initializer, `${path}.${key}`);
      }),
    );
  }
  const number = numeral(stated);
  if (number !== null) return typeof actual === 'number' && near(actual, number) ? null : differs;
  return isDeepStrictEqual(actual, constant(stated)) ? null : differs;
}

function constant(stated: ts.Expression): unknown {
  if (ts.isStringLiteralLike(stated)) return stated.text;
  if (stated.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (stated.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (stated.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isPrefixUnaryExpression(stated) && stated.getText() === '-Infinity') return Number.NEGATIVE_INFINITY;
  const name = stated.getText();
  if (name in CONSTANTS) return CONSTANTS[name];
  throw new Error(`the comment is not a value: ${name}`);
}

/** The text of a number, with its sign. */
function numeral(stated: ts.Expression): string | null {
  const text = stated.getText().replaceAll('_', '');
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? text : null;
}

/** Whether rounding `actual` to the digits of `text` gives `text`. */
function near(actual: number, text: string): boolean {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  if (decimals === 0 && exponent === '0') return actual === Number(text);
  return Math.abs(actual - Number(text)) <= 0.5000001 * 10 ** (Number(exponent) - decimals);
}

const first = (faults: readonly (string | null)[]): string | null => faults.find((fault) => fault !== null) ?? null;

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

function shown(value: unknown): string {
  return isList(value) ? `[${Array.from(value, shown).join(', ')}]` : (JSON.stringify(value) ?? String(value));
}
