import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../browser/pages';
import { distance, type Exported, exportedModels } from './models';

const RUNTIME = join(__dirname, '..', '..', '.cache', 'elsewhere', 'node_modules', 'onnxruntime-web', 'dist');
const FILES: Readonly<Record<string, string>> = {
  'ort.wasm.min.mjs': 'text/javascript',
  'ort-wasm-simd-threaded.mjs': 'text/javascript',
  'ort-wasm-simd-threaded.wasm': 'application/wasm',
};
const PAGE = '<!doctype html><title>An exported model</title><script type="module" src="/page.mjs"></script>';
const SCRIPT = `import * as ort from '/ort.wasm.min.mjs';
ort.env.wasm.numThreads = 1;
window.runModel = async (model, inputs) => {
  const session = await ort.InferenceSession.create(Uint8Array.from(atob(model), (c) => c.charCodeAt(0)));
  const feeds = Object.entries(inputs).map(([name, { values, shape }]) => [
    name,
    new ort.Tensor('float32', Float32Array.from(values), shape),
  ]);
  const results = Object.entries(await session.run(Object.fromEntries(feeds)));
  await session.release();
  return Object.fromEntries(results.map(([name, { dims, data }]) => [name, { shape: [...dims], values: [...data] }]));
};`;

/** A site with the page and ONNX Runtime's own files, as a user would serve them. */
function startSite(): Promise<Server> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1).split('?')[0] as string;
    const own: Readonly<Record<string, readonly [string, string]>> = {
      '': ['text/html', PAGE],
      'page.mjs': ['text/javascript', SCRIPT],
    };
    const [type, body] = own[name] ?? [FILES[name], FILES[name] && readFileSync(join(RUNTIME, name))];
    response.writeHead(type ? 200 : 404, type ? { 'content-type': type } : {}).end(body || undefined);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe("an exported model in a page with the browser's ONNX Runtime", () => {
  let [browser, site, page]: [Browser?, Server?, Page?] = [];

  beforeAll(async () => {
    site = await startSite();
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.runModel !== undefined');
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  it.each(exportedModels().map((model) => [model.name, model] as const))(
    'gives what the library gives: %s',
    async (_, model) => {
      const call = `window.runModel(${JSON.stringify(Buffer.from(model.model).toString('base64'))}, ${JSON.stringify(model.inputs)})`;
      const result = (await page?.evaluate(call)) as Exported['expected'];
      expect(distance(result, model)).toBeLessThan(1e-5);
    },
  );
});
