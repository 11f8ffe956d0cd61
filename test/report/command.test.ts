import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli';

const INPUT = join(__dirname, 'input');

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gmm-vae-report-'));
});

const report = (...args: string[]) => reportWith({ PATH: '' }, ...args);

async function reportWith(env: Record<string, string>, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const code = await main(['report', ...args], {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env,
    cwd,
    now: () => 0,
    signal,
  });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

describe('gmm-vae report', () => {
  it('writes pages from executed notebooks, says what stopped and what is wrong, and exits with 1', async () => {
    const { code, out, err } = await report(
      '--from-executed',
      join(INPUT, 'lecture.ipynb'),
      join(INPUT, 'hostile.ipynb'),
    );
    expect(code).toBe(1);
    expect(readdirSync(join(cwd, 'reports')).sort()).toEqual(['hostile.html', 'index.html', 'lecture.html']);
    expect(out).toMatch(/^reports\/lecture\.html {2}\d\.\d MB {2}stopped at an error$/m);
    expect(out.trim().split('\n').at(-1)).toBe(`Open ${join(cwd, 'reports', 'index.html')}`);
    expect(err).toContain(
      'gmm-vae: lecture.ipynb: cell 8: InvalidArgumentError: stddev: expected a finite number > 0, got -1\n',
    );
    expect(err).toContain(
      'gmm-vae: hostile.ipynb: cells[15]: KaTeX parse error: Undefined control sequence: \\nosuchcommand',
    );
  });

  it('gives other notebooks than its own an index that is their table of contents', async () => {
    const { out } = await report('--from-executed', join(INPUT, 'course.ipynb'));
    const index = readFileSync(join(cwd, 'reports', 'index.html'), 'utf8');
    expect(out).not.toContain('equations pass');
    expect(index).not.toMatch(/homework|KL term/);
    expect(index).toMatch(/<ol class="sections"><li><a href="course\.html#[\w-]+">/);
  });

  it('exits with 2 and one line before anything is written when it cannot be done', async () => {
    const twin = join(cwd, 'lecture.ipynb');
    writeFileSync(twin, readFileSync(join(INPUT, 'lecture.ipynb')));
    const [index, kept] = [join(cwd, 'index.ipynb'), join(cwd, 'x', 'executed', 'a.ipynb')];
    mkdirSync(dirname(kept), { recursive: true });
    for (const path of [index, kept]) writeFileSync(path, readFileSync(twin));
    const failures = [
      [[join(INPUT, 'missing.ipynb')], /missing\.ipynb: no such file$/],
      [[join(INPUT, 'corrupt.ipynb')], /corrupt\.ipynb: not a notebook: not JSON/],
      [['--to', 'docx'], /--to: expected html, pdf, markdown, got "docx"$/],
      [['--jobs', '0'], /--jobs: expected a whole number ≥ 1, got 0$/],
      [[twin, join(INPUT, 'lecture.ipynb')], /would both be written to lecture\.html$/],
      [
        ['--pdf', '--from-executed', twin],
        /--to pdf: no Chromium, Chrome or Edge found; install one, or name its program in CHROME_PATH$/,
      ],
      [[index], /index\.ipynb: its page would be index\.html, which is the front page; rename the notebook$/],
      [
        ['--output-dir', 'x', kept],
        /executed\/a\.ipynb: the run would be written over it; give the source, or --from-executed to take the outputs it has$/,
      ],
    ] as const;
    for (const [args, message] of failures) {
      const { code, err } = await report(...args);
      expect(err.trim()).toMatch(message);
      expect([err.trim().split('\n').length, code]).toEqual([1, 2]);
    }
    expect(readdirSync(cwd).sort()).toEqual(['index.ipynb', 'lecture.ipynb', 'x']);
    expect(readdirSync(join(cwd, 'x'))).toEqual(['executed']);
  });

  it('goes without pictures where the browser does not start, and refuses --pdf before anything is written', async () => {
    const broken = { PATH: '', CHROME_PATH: process.execPath };
    const input = join(INPUT, 'lecture.ipynb');
    const pdf = await reportWith(broken, '--from-executed', '--pdf', input);
    expect(pdf.code).toBe(2);
    expect(pdf.err.trim()).toMatch(/: the browser did not start: /);
    expect(readdirSync(cwd)).toEqual([]);
    const plain = await reportWith(broken, '--from-executed', input);
    expect(plain.err).toContain('gmm-vae: no still pictures: ');
    expect(readdirSync(join(cwd, 'reports')).sort()).toEqual(['index.html', 'lecture.html']);
  });

  it('takes the output folder as it is given', async () => {
    await report('--from-executed', '--output-dir', 'a/b', join(INPUT, 'hostile.ipynb'));
    expect(readdirSync(join(cwd, 'a', 'b')).sort()).toEqual(['hostile.html', 'index.html']);
  });
});
