import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { pages, ROOT, read } from './markdown';

/** A piece of TypeScript that a reader may copy, and where it stands. */
export interface Example {
  readonly name: string;
  readonly code: string;
}

/** A name that src/index.ts exports. */
export interface PublicName {
  readonly name: string;
  /** The first sentence of its documentation. */
  readonly says: string;
  /** The code of its `@example`s. */
  readonly examples: readonly Example[];
}

export function exportedNames(): PublicName[] {
  const index = join(ROOT, 'src', 'index.ts');
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  // What others declare is long to read, and none of it is documented here.
  const own: typeof host.getSourceFile = (path, target) =>
    path.includes('node_modules') ? ts.createSourceFile(path, 'export {};', target) : sourceFile(path, target);
  const sourceFile = host.getSourceFile.bind(host);
  const program = ts.createProgram([index], options, { ...host, getSourceFile: own });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index) as ts.SourceFile) as ts.Symbol;
  return checker.getExportsOfModule(module).map((exported) => {
    const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const comments = [
      ...exported.getJsDocTags(checker),
      ...target.getJsDocTags(checker),
      ...aliasTags(exported, checker),
    ];
    const tags = comments.filter(({ name }) => name === 'example');
    const code = tags.flatMap(({ text }) => blocks(ts.displayPartsToString(text)));
    const comment = ts.displayPartsToString(target.getDocumentationComment(checker));
    const says = /^[\s\S]*?[.:](?=\s|$)/.exec(comment)?.[0] ?? comment;
    return {
      name: exported.name,
      says,
      examples: code.map((text, i) => ({ name: numbered(exported.name, i), code: text })),
    };
  });
}

/** What is written above `export { name };`, where a name is handed on from elsewhere, as `tf` is. */
function aliasTags(exported: ts.Symbol, checker: ts.TypeChecker): ts.JSDocTagInfo[] {
  const next = exported.flags & ts.SymbolFlags.Alias ? checker.getImmediateAliasedSymbol(exported) : undefined;
  const statements = (next?.declarations ?? [])
    .map((declaration) => declaration.parent?.parent)
    .filter((node) => node !== undefined && ts.isExportDeclaration(node));
  const own = statements
    .flatMap((statement) => ts.getJSDocTags(statement))
    .map((tag) => ({
      name: tag.tagName.text,
      text: [{ kind: 'text', text: ts.getTextOfJSDocComment(tag.comment) ?? '' }],
    }));
  return next === undefined ? own : [...own, ...aliasTags(next, checker)];
}

/** The TypeScript of the Markdown pages that imports from the library. */
export function pageExamples(): Example[] {
  return pages()
    .filter((page) => !page.startsWith('test'))
    .flatMap((page) =>
      blocks(read(page))
        .filter((code) => /from 'gmm-vae'/.test(code))
        .map((code, i) => ({ name: numbered(page, i), code })),
    );
}

const numbered = (name: string, i: number): string => (i === 0 ? name : `${name} ${i + 1}`);

/** The contents of the blocks marked `ts`. */
function blocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1] as string);
}
