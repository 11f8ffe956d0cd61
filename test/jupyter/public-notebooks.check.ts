import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';
import { textOfPage, words } from '../report/page-text';

// The notebooks of nbclient's own tests (BSD), where Debian's python3-nbclient puts them. None of them is kept here.
const FOLDER = '/usr/lib/python3/dist-packages/nbclient/tests/files';
const NAMES = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.ipynb') ? [basename(file, '.ipynb')] : []));

describe('public notebooks, reported from the outputs that they have', () => {
  const output = mkdtempSync(join(tmpdir(), 'gmm-vae-public-'));
  afterAll(() => rmSync(output, { recursive: true }));

  it('are there', () => {
    expect(NAMES.length).toBeGreaterThan(20);
  });

  it.each(NAMES)('%s keeps its words; what is wrong with it is said in lines', async (name) => {
    const path = join(FOLDER, `${name}.ipynb`);
    const { code, stderr } = await gmmVae(
      ['report', path, '--from-executed', '--untrusted', '--no-pictures', '--output-dir', output],
      { cwd: output },
    );
    expect(code, stderr).toBeLessThanOrEqual(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    const page = readdirSync(output).find((file) => file.endsWith('.html') && file !== 'index.html') as string;
    const html = readFileSync(join(output, page), 'utf8');
    rmSync(join(output, page));
    expect(words(path).filter((word) => !textOfPage(html).includes(word))).toEqual([]);
    expect(html).not.toMatch(/<(?:img|script|link|iframe)\b[^>]*(?:src|href)="https?:/);
  });
});
