import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Notebook, Output } from '../../src/notebook/document/ipynb';
import { renderIndexPage } from '../../src/report/index-page';
import { renderNotebookPage } from '../../src/report/notebook-page';
import { code, notebookOf, prose } from '../notebook/fixtures';
import { open, startBrowser } from './pages';

interface Group {
  readonly group: string;
  readonly source: string;
  readonly vectors: readonly string[];
}

/** GMM_VAE_XSS names a file of further vectors, a JSON list of texts. */
const MORE: readonly string[] = process.env.GMM_VAE_XSS
  ? JSON.parse(readFileSync(process.env.GMM_VAE_XSS, 'utf8'))
  : [];
const GROUPS: readonly Group[] = JSON.parse(readFileSync(join(__dirname, '../report/xss.json'), 'utf8'));
const VECTORS = [...GROUPS.flatMap(({ vectors }) => vectors), ...MORE];

const path = join(mkdtempSync(join(tmpdir(), 'gmm-vae-xss-')), 'a.html');
let browser: Browser;
beforeAll(async () => {
  // What a frame may do is the same in a process of its own, which takes twice the time for a page of many frames.
  browser = await startBrowser('--disable-site-isolation-trials');
});
afterAll(() => browser?.close());

const showing = (output: Output, source = 'x'): Cell => ({
  ...{ ...code(source), cell_type: 'code' as const, execution_count: 1 },
  outputs: [output],
});
const bundle = (data: Record<string, unknown>): Cell => showing({ output_type: 'display_data', metadata: {}, data });
const one = (text: string): string => text.replace(/\s+/g, ' ');

/** Where text of a notebook can stand. */
const PLACES: Readonly<Record<string, (vector: string) => Cell>> = {
  'Markdown, as a block': prose,
  'Markdown, in a paragraph': (vector) => prose(`x ${one(vector)} y`),
  'Markdown, in a list': (vector) => prose(`- x\n- ${vector}\n- y`),
  'a heading': (vector) => prose(`## ${one(vector)}`),
  'a table': (vector) => prose(`| a | b |\n|---|---|\n| ${one(vector)} | c |`),
  'the address of a link': (vector) => prose(`[x](${vector}) [x](<${one(vector)}>)`),
  'the title of a link': (vector) => prose(`[x](y "${one(vector)}") [x](y (${one(vector)}))`),
  'the address and the words of a picture': (vector) =>
    prose(`![${one(vector)}](${one(vector)}) ![x](<${one(vector)}>)`),
  'an attribute of HTML in text': (vector) =>
    prose(
      `<b title="${one(vector)}">x</b> <b title='${one(vector)}'>x</b> <a href="${one(vector)}">x</a> <img src="${one(vector)}">`,
    ),
  maths: (vector) => prose(`$${one(vector)}$ $$\\text{${one(vector)}}$$`),
  code: (vector) => code(vector),
  'a fence': (vector) => prose(`\`\`\`${one(vector).replace(/`/g, '')}\n${vector}\n\`\`\``),
  'a raw cell': (vector) => ({ cell_type: 'raw', metadata: {}, source: vector }),
  'a raw cell of HTML': (vector) => ({ cell_type: 'raw', metadata: { format: 'text/html' }, source: vector }),
  'an output of HTML': (vector) => bundle({ 'text/html': vector }),
  'an output of Markdown': (vector) => bundle({ 'text/markdown': vector }),
  'an output of LaTeX': (vector) => bundle({ 'text/latex': vector }),
  'an output of SVG': (vector) => bundle({ 'image/svg+xml': vector, 'text/plain': vector }),
  'an output of pixels': (vector) => bundle({ 'image/png': vector, 'text/plain': vector }),
  'an output of text': (vector) => bundle({ 'text/plain': vector }),
  'an output of JSON': (vector) => bundle({ 'application/json': { [vector]: vector } }),
  'printed text': (vector) => showing({ output_type: 'stream', name: 'stdout', text: vector }),
  'an error': (vector) => showing({ output_type: 'error', ename: vector, evalue: vector, traceback: [vector] }),
  'the caption of a picture': (vector) =>
    showing(
      { output_type: 'display_data', metadata: {}, data: { 'image/png': 'AAAA' } },
      `#| label: fig-${one(vector)}\n#| fig-cap: ${one(vector)}\n#| fig-alt: ${one(vector)}`,
    ),
  'a figure of plotly': (vector) =>
    bundle({
      'application/vnd.plotly.v1+json': {
        data: [{ type: 'scatter', y: [1], name: vector }],
        layout: { meta: { alt: vector, caption: vector } },
      },
      'image/svg+xml': vector,
    }),
  'a saved widget': (vector) => bundle({ 'application/vnd.jupyter.widget-view+json': { model_id: vector } }),
  'an attachment': (vector) => ({
    ...prose(`![x](attachment:a.png) ![x](<attachment:${one(vector)}>)`),
    attachments: { 'a.png': { 'image/png': vector }, [vector]: { 'image/svg+xml': vector, [vector]: vector } },
  }),
};

/** What a page did with all vectors: calls of alert, requests, where it leads, and what it shows. */
interface Judged {
  readonly ran: readonly string[];
  readonly requests: readonly string[];
  readonly addresses: readonly string[];
  /** All text that a reader sees in the page, and in each of its frames. */
  readonly texts: readonly string[];
}

/** Hands `test` what judges one page after the other, in one tab. */
async function judging(test: (judge: (html: string) => Promise<Judged>) => Promise<void>): Promise<void> {
  writeFileSync(path, '');
  const ran: string[] = [];
  const { page, complaints, close } = await open(browser, path, {}, (context) =>
    context.exposeBinding('alert', ({ frame }) => void ran.push(frame.url())),
  );
  const url = page.url();
  await test(async (html) => {
    writeFileSync(path, html);
    await page.goto(url);
    await loadFrames(page);
    const addresses = (await Promise.all(page.frames().map(provoked))).flat();
    await page.waitForTimeout(100);
    return {
      ran: ran.splice(0),
      requests: complaints.splice(0).filter((complaint) => complaint.startsWith('outside')),
      addresses: addresses.filter((href) => !/^((https?|mailto|ftp|tel|file):|\/\/)/i.test(href)),
      texts: await Promise.all(page.frames().map(readableIn)),
    };
  });
  await close();
}

/** Loads every frame, however long that takes; the page by itself waits for them as long as a reader would. */
async function loadFrames(page: Page): Promise<void> {
  await page.evaluate(async (limit) => {
    await (window as unknown as { gmmVae: { loadFrames(): Promise<void> } }).gmmVae.loadFrames();
    const deadline = performance.now() + limit;
    for (;;) {
      const frames = [...document.querySelectorAll<HTMLIFrameElement>('iframe.frame')];
      const silent = frames.filter(({ style }) => !style.height);
      if (silent.length === 0) return;
      if (performance.now() > deadline) throw new Error(`${silent.length} frames have not been loaded`);
      for (const { contentWindow } of silent) contentWindow?.postMessage('height', '*');
      await new Promise((done) => setTimeout(done, 50));
    }
  }, 120_000);
}

/** Which of the numbered texts between the vectors cannot be read. */
const unread = ([page = '']: readonly string[], from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `After ${from + i}.`).filter((after) => !page.includes(after));

/** A frame that the page itself loads anew in the meantime is asked again. One that leads elsewhere makes a request, which is judged. */
async function provoked(frame: Frame): Promise<string[]> {
  return provoke(frame).catch(async (error: unknown) => {
    if (!String(error).includes('Execution context was destroyed')) throw error;
    await frame.waitForLoadState();
    return provoke(frame);
  });
}

/**
 * Fires every event that an element listens to. Only an attribute can make it listen, where no script has run.
 * @returns these attributes, and where links and forms lead
 */
async function provoke(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const listeners = [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes].flatMap(({ name }) => {
        if (!name.startsWith('on')) return [];
        element.dispatchEvent(new Event(name.slice(2)));
        return [`listens: ${name}`];
      }),
    );
    const leading = document.querySelectorAll<HTMLElement>('[href], [action], [formaction], [src], [data]');
    const addresses = [...leading].flatMap((element) =>
      element.closest('svg') || element.matches('link[rel=icon], img')
        ? []
        : ['href', 'action', 'formaction', 'src', 'data'].flatMap(
            (name) => (element as unknown as Record<string, string>)[name] || [],
          ),
    );
    return [...listeners, ...addresses];
  });
}

/** Every vector in its place, and as the words and the HTML of a widget. */
function notebook(place: (vector: string) => Cell, vectors: readonly string[], from: number): Notebook {
  const widget = (name: string, vector: string) => ({
    ...{ model_name: `${name}Model` },
    state: {
      description: vector,
      value: vector,
      _options_labels: [vector],
      index: 0,
      children: [`IPY_MODEL_html ${vector}`],
    },
  });
  const models = vectors.flatMap((vector, i) => [
    [vector, widget(['VBox', 'Text', 'Dropdown', 'Checkbox', 'FloatProgress', 'Accordion'][i % 6] ?? '', vector)],
    [`html ${vector}`, widget('HTML', vector)],
  ]);
  const cells = vectors.flatMap((vector, i) => [place(vector), prose(`After ${from + i}.`)]);
  const state = { state: Object.fromEntries(models) };
  return { ...notebookOf(...cells), metadata: { widgets: { 'application/vnd.jupyter.widget-state+json': state } } };
}

const NOTHING = { ran: [], requests: [], addresses: [] };

/** Judges all vectors in one place. A page with hundreds of frames takes long to open: they come in parts. */
async function expectNothing(name: string, trusted: boolean): Promise<void> {
  const step = /of HTML$|widget/.test(name) ? 80 : 400;
  const lost: string[] = [];
  await judging(async (judge) => {
    for (let from = 0; from < VECTORS.length; from += step) {
      const vectors = VECTORS.slice(from, from + step).map((vector, i) => ({ vector, word: `shown${from + i}.` }));
      const named = vectors.map(({ vector, word }) => vector.replaceAll('shown', word));
      const { html } = renderNotebookPage(notebook(PLACES[name] ?? prose, named, from), { name: 'a', trusted });
      const { texts, ...did } = await judge(html);
      expect(did).toEqual(NOTHING);
      expect(unread(texts, from, from + vectors.length)).toEqual([]);
      const text = texts.join('\n');
      lost.push(
        ...vectors.flatMap(({ vector, word }) => (vector.includes('shown') && !text.includes(word) ? vector : [])),
      );
    }
  });
  if (!trusted && name === 'Markdown, as a block') expect(lost).toEqual([]);
  if (!trusted && name === 'an output of HTML') expect(await shownBare(lost)).toEqual([]);
}

/** Those of the vectors whose text a browser without scripts shows. */
async function shownBare(vectors: readonly string[]): Promise<string[]> {
  const context = await browser.newContext({ offline: true, javaScriptEnabled: false });
  const bare = await context.newPage();
  const shown: string[] = [];
  for (const vector of vectors) {
    await bare.setContent(vector);
    if ((await readableIn(bare.mainFrame())).includes('shown')) shown.push(vector);
  }
  await context.close();
  return shown;
}

it('has at least 200 vectors, each once', () => {
  const own = GROUPS.flatMap(({ vectors }) => vectors);
  expect(own.length).toBeGreaterThan(200);
  expect(new Set(own).size).toBe(own.length);
});

it('a page that runs, asks and hides is caught', async () => {
  const html = `<main><img src="https://xss.example/" onerror="alert(1)"><a href="javascript:x">x</a><p hidden>After 1.</p></main>
<script>gmmVae = { loadFrames: async () => {} }</script>`;
  await judging(async (judge) => {
    const { texts, ...did } = await judge(html);
    expect(did).toEqual({
      ran: [expect.stringContaining('a.html'), expect.stringContaining('a.html')],
      requests: ['outside: https://xss.example/'],
      addresses: ['listens: onerror', 'javascript:x'],
    });
    expect(unread(texts, 1, 2)).toEqual(['After 1.']);
  });
});

// In Markdown, and in an output where a browser without scripts shows it, text that a vector carries stays readable itself.
describe('no vector runs, asks for anything or hides what follows', { timeout: 600_000 }, () => {
  it.each(Object.keys(PLACES))('in %s', (name) => expectNothing(name, false));

  it.each(['Markdown, as a block', 'Markdown, in a paragraph', 'a heading', 'an output of Markdown'])(
    'in %s of a trusted notebook',
    (name) => expectNothing(name, true),
  );

  it('in a title, a summary, a name or a fact, on the page and on the index', async () => {
    const headed = (vector: string): Notebook => notebookOf(prose(`# ${one(vector)} x\n\n${vector} words`));
    const titled = (vector: string): Notebook => ({
      ...notebookOf(
        prose(`---\nauthor: ${JSON.stringify(vector)}\ntitle: ${JSON.stringify(vector)}\n---`),
        prose(vector),
      ),
      metadata: { title: vector, description: vector, authors: [{ name: vector }] },
    });
    const pages = VECTORS.map((vector, i) =>
      renderNotebookPage(i % 2 === 0 ? headed(vector) : titled(vector), {
        name: vector,
        trusted: false,
        facts: [[vector, vector]],
        failure: vector,
        executedHref: vector,
      }),
    );
    const reports = pages.map(({ titleHtml, summary }, i) => ({
      ...{
        href: `${i}-${encodeURIComponent(VECTORS[i] ?? '')}`,
        title: titleHtml,
        summary,
        status: `After ${i}.`,
        ok: true,
      },
    }));
    const index = renderIndexPage({ reproduce: [], reports, facts: VECTORS.map((vector) => [vector, vector]) });
    await judging(async (judge) => {
      const { texts, ...did } = await judge(index);
      expect(did).toEqual(NOTHING);
      expect(unread(texts, 0, VECTORS.length)).toEqual([]);
      for (const { html } of pages.filter((_, i) => i % 9 === 0)) expect(await judge(html)).toMatchObject(NOTHING);
    });
  });
});

function readableIn(frame: Frame): Promise<string> {
  const body = frame.locator('body');
  // biome-ignore lint/performance/useDomNodeTextContent: what is not laid out cannot be read
  return body.innerText().catch(() => '');
}
