import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { findBrowser, launchBrowser } from '../../src/report/browser';
import { code } from '../notebook/fixtures';
import { jupyterEnvironment, projectRoot } from './jupyter';

/** A front end of Jupyter that serves a folder inside the project, as a person's own notebooks would lie, and a browser. */
export interface JupyterServer {
  readonly address: string;
  readonly folder: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * @param flags What turns its access token off, as this front end calls it, and names the given folder.
 * @param env a Jupyter that knows the kernel
 */
export async function startServer(
  program: string,
  flags: (folder: string) => string[],
  env: NodeJS.ProcessEnv = jupyterEnvironment(),
): Promise<JupyterServer> {
  const path = findBrowser(process.env);
  if (!path) throw new Error('these checks need Chromium');
  mkdirSync(join(projectRoot, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(projectRoot, '.cache', 'jupyter-'));
  const port = await freePort();
  const args = [`--port=${port}`, '--ip=127.0.0.1', '--no-browser', '--allow-root', ...flags(folder)];
  const server = spawn(program, args, { env, stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    server.once('error', (error) => reject(new Error(`${program} cannot be started: ${error.message}`)));
    server.once('exit', (code) => reject(new Error(`${program} ended with code ${code}`)));
  });
  failed.catch(() => {});
  const address = `http://127.0.0.1:${port}`;
  await Promise.race([answers(address), failed]);
  const browser = await launchBrowser(path);
  return { address, folder, browser, close: () => close(browser, server, folder) };
}

async function answers(address: string): Promise<void> {
  for (;;) {
    try {
      await fetch(address);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function close(browser: Browser, server: ChildProcess, folder: string): Promise<void> {
  await browser.close();
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

/** Cells that train until they are interrupted, and print "going" at the fifth step; the last value is [true, true] if all is well. */
export const ENDLESS_TRAINING = [
  code(`import { interruptSignal, syntheticDigits, train, Vae } from "gmm-vae";
const { train: digits } = syntheticDigits({ train: 500, test: 10, seed: 1 });
const pixels = digits.height * digits.width;
const model = new Vae({ pixels, latent: 2, hidden: [32], prior: { kind: "standard-normal" }, seed: 1 });
let steps = 0;`),
  code(`const history = await train(model, digits, { epochs: 10_000, seed: 1, signal: interruptSignal()!,
  onStep: () => { steps++; if (steps === 5) console.log("going"); } });
[history.interrupted, history.steps.length === steps]`),
];
