import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchors, fromRoot, longLines, pages, ROOT, read, targets } from './markdown';

/** Why a link leads nowhere; nothing where it leads somewhere, or to another site. */
function fault(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
  if (!existsSync(file)) return `${target}: no such file`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchors(read(fromRoot(file))).has(anchor) ? undefined : `${target}: no such heading`;
}

/** The pages that a reader of `start` can come to by links. */
function reached(start: string, seen = new Set<string>()): Set<string> {
  if (seen.has(start)) return seen;
  seen.add(start);
  for (const target of targets(read(start))) {
    const path = target.split('#')[0] as string;
    const file = fromRoot(resolve(ROOT, dirname(start), path));
    if (path.endsWith('.md') && existsSync(join(ROOT, file))) reached(file, seen);
  }
  return seen;
}

describe('Markdown pages', () => {
  it.each(pages())('%s links to files and headings that exist', (page) => {
    expect(targets(read(page)).flatMap((target) => fault(page, target) ?? [])).toEqual([]);
  });

  it.each(pages())('%s ends its lines of prose before column 121', (page) => {
    expect(longLines(read(page), 120)).toEqual([]);
  });

  // Made of the texts of --help: commands.md.
  it.each(pages().filter((page) => page !== 'docs/reference/commands.md'))(
    '%s has no row of a table longer than 200 characters, which nobody reads in the source',
    (page) => {
      const rows = read(page)
        .split('\n')
        .filter((line) => line.startsWith('|'));
      expect(rows.filter((row) => [...row].length > 200)).toEqual([]);
    },
  );

  it('are all reached from the front page', () => {
    const docs = pages().filter((page) => page.startsWith('docs/'));
    const seen = reached('README.md');
    expect(docs.length).toBeGreaterThan(15);
    expect(docs.filter((page) => !seen.has(page))).toEqual([]);
  });
});

describe('the checks of Markdown themselves', () => {
  it('see a missing file, a missing heading and a long line, and pass over code, tables and targets of links', () => {
    expect(fault('README.md', 'docs/nowhere.md')).toContain('no such file');
    expect(fault('README.md', 'docs/README.md#nowhere')).toContain('no such heading');
    expect(fault('README.md', 'docs/README.md#how-to')).toBeUndefined();
    const long = 'word '.repeat(30).trim();
    expect(longLines(`${long}\n\n| ${long} |\n\n\`\`\`sh\n${long}\n\`\`\`\n`, 120)).toEqual([long]);
    expect(longLines(`[x](${'a'.repeat(200)})`, 120)).toEqual([]);
  });

  it('name headings as GitHub does', () => {
    const headings = '# A `b`: c–d, (e)\n\n## Same\n\n## Same\n\n## Tomczak and Welling’s β\n';
    expect([...anchors(headings)]).toEqual(['a-b-cd-e', 'same', 'same-1', 'tomczak-and-wellings-β']);
  });
});
