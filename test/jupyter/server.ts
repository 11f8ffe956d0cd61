import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { findBrowser, launchBrowser } from '../../src/report/browser';
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

/** @param flags What turns its access token off, as this front end calls it, and names the given folder. */
export async function startServer(program: string, flags: (folder: string) => string[]): Promise<JupyterServer> {
  const path = findBrowser(process.env);
  if (!path) throw new Error('these checks need Chromium');
  mkdirSync(join(projectRoot, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(projectRoot, '.cache', 'jupyter-'));
  const port = await freePort();
  const args = [`--port=${port}`, '--ip=127.0.0.1', '--no-browser', '--allow-root', ...flags(folder)];
  const server = spawn(program, args, { env: jupyterEnvironment(), stdio: 'ignore' });
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
