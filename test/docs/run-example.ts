import ts from 'typescript';
import * as library from '../../src/index';
import { difference } from './values';

/**
 * Runs an example. An expression with a comment behind it is compared with the value in the comment; `throws Name` expects that
 * error. Returns the values of the other expressions, which a notebook would show.
 * @throws where a value is another than its comment says
 */
export async function runExample(code: string): Promise<unknown[]> {
  const shown: unknown[] = [];
  const run = new Function('load', 'check', 'show', `return (async () => {\n${toScript(code)}\n})()`);
  await run(load, check, (value: unknown) => shown.push(value));
  return shown;
}

const load = (name: string): unknown => (name === 'gmm-vae' ? library : import(name));

async function check(evaluate: () => unknown, comment: string): Promise<void> {
  const error = /^throws (\w+)$/.exec(comment)?.[1];
  if (error === undefined) {
    const fault = difference(await evaluate(), comment);
    if (fault !== null) throw new Error(fault);
    return;
  }
  const thrown = await Promise.resolve()
    .then(evaluate)
    .then(
      () => 'nothing',
      (reason: unknown) => reason,
    );
  const name = thrown instanceof Error ? thrown.name : String(thrown);
  if (name !== error) throw new Error(`expected ${error} to be thrown, got ${name}`);
}

/** JavaScript for the inside of an async function: imports are loaded, expressions handed to `check` or `show`. */
function toScript(code: string): string {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const marked = file.statements.map((statement) => {
    if (!ts.isExpressionStatement(statement)) return statement.getText();
    const comment = /^[^\S\n]*\/\/ (.*)/.exec(code.slice(statement.end))?.[1];
    const expression = statement.expression.getText();
    return comment === undefined
      ? `show(${expression});`
      : `await check(async () => (${expression}), ${JSON.stringify(comment.trim())});`;
  });
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(marked.join('\n'), { compilerOptions });
  return outputText
    .replace(/^import (\{[^}]*\}|\w+) from '([^']+)';$/gm, (_, names: string, from: string) => {
      const target = names.startsWith('{') ? names.replaceAll(' as ', ': ') : `{ default: ${names} }`;
      return `const ${target} = await load('${from}');`;
    })
    .replace(/^export \{\};$/gm, '');
}
