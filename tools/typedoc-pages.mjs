// A plugin of TypeDoc: files the pages of docs/ under their kind, by their own titles, and the public names under the headings of
// src/index.ts, and makes links to the front page open from the disk.
import { readFileSync } from 'node:fs';
import { Comment, CommentTag, Converter, PageEvent, ReflectionKind } from 'typedoc';

/** Folder of a page, and what its kind is called. */
const KINDS = [
  ['docs/tutorial/', 'Tutorial'],
  ['docs/how-to/', 'How to'],
  ['docs/reference/', 'Reference'],
  ['docs/explanation/', 'Explanation'],
  ['docs/benchmarks/', 'Benchmarks'],
  ['docs/', 'Lectures and pictures'],
  ['', 'Project'],
];

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const path = String(page.project.files.getReflectionPath(page)).replace(`${process.cwd()}/`, '');
    const kind = KINDS.find(([folder]) => path.startsWith(/** @type {string} */ (folder)))?.[1];
    tag(page, '@category', /** @type {string} */ (kind));
    const heading = /^# (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
    if (heading !== undefined)
      page.name = heading.replace(/^(Reference|Benchmarks): (.)/, (_, __, first) => first.toUpperCase());
  });
  // A folder is a page on a server only.
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents !== undefined)
      page.contents = page.contents.replaceAll(/ href="((?:\.\.\/)+)(?=[#"])/g, ' href="$1index.html');
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const layers = layersOf(readFileSync('src/index.ts', 'utf8'));
    const library = context.project.children?.find(({ kind }) => kind === ReflectionKind.Module);
    if (library === undefined) return;
    library.name = 'Public names';
    tag(library, '@category', 'Reference');
    for (const name of library.children ?? []) tag(name, '@category', layers.get(name.name) ?? 'Others');
  });
}

/**
 * The heading under which src/index.ts exports each name.
 * @param {string} index
 */
function layersOf(index) {
  const layers = new Map();
  let layer = '';
  for (const [line] of index.matchAll(/^.*$/gm)) {
    const heading = /^\/\/ ([^:(,]+)/.exec(line)?.[1];
    if (heading !== undefined) layer = heading.trim();
    else
      for (const [name] of line.replace(/ from .*/, '').matchAll(/\b(?!type\b|export\b)[A-Za-z_]\w*/g))
        layers.set(name, layer);
  }
  return layers;
}

/**
 * @param {import('typedoc').Models.Reflection} reflection
 * @param {`@${string}`} name
 * @param {string} text
 */
function tag(reflection, name, text) {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag(name, [{ kind: 'text', text }]));
}
