import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import MarkdownIt from 'markdown-it';

export const ROOT = join(__dirname, '..', '..');

/** Where authors write Markdown; the rest of the tree is built or someone else's. */
const FOLDERS = ['docs', 'test', 'bench', 'src', 'notebooks'];

/** Every Markdown page of the project, as paths from its root. */
export function pages(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  return [...readdirSync(ROOT), ...inFolders].filter((path) => path.endsWith('.md')).sort();
}

export const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** What a page links to and embeds, as written. */
export function targets(markdown: string): string[] {
  const inline = new MarkdownIt({ html: true }).parse(markdown, {}).flatMap((token) => token.children ?? []);
  return inline
    .flatMap((token) => token.attrGet('href') ?? token.attrGet('src') ?? [])
    .map((target) => decodeURI(String(target)));
}

/** The anchors that GitHub gives the headings of a page: its text in lower case, without punctuation, hyphens for spaces. */
export function anchors(markdown: string): Set<string> {
  const tokens = new MarkdownIt().parse(markdown, {});
  const found = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.type !== 'heading_open') return;
    const text = (tokens[i + 1]?.children ?? []).map(({ content }) => content).join('');
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`;
    found.add(anchor);
  });
  return found;
}

/** The lines of prose that are longer than `limit` characters: not of tables, code, pictures or links. */
export function longLines(markdown: string, limit: number): string[] {
  let fence: string | undefined;
  return markdown.split('\n').filter((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return false;
    }
    if (fence !== undefined || /^\s*\||^ {4}/.test(line)) return false;
    return (
      [
        ...line
          .replace(/^!\[.*\]\([^)]*\)$/, '')
          .replace(/\]\([^)]*\)/g, '')
          .replace(/https?:\S+/g, ''),
      ].length > limit
    );
  });
}

export const fromRoot = (path: string): string => relative(ROOT, path);
