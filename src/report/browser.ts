import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { UsageError } from '../errors';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Quiet and offline: nothing is fetched, updated or reported behind the page's back. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The browser named by CHROME_PATH, else the first Chromium, Chrome or Edge found; undefined where there is none.
 * @throws UsageError when CHROME_PATH names no program
 */
export function findBrowser(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env.CHROME_PATH;
  if (named) {
    if (!isProgram(named)) throw new UsageError(`CHROME_PATH: expected a browser's program file, got ${named}`);
    return named;
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES].find(isProgram);
}

/**
 * Starts a browser found by {@link findBrowser}, with a fresh profile.
 * @param switches further ones of its command line
 * @throws UsageError when the program is no browser, or cannot start
 */
export async function launchBrowser(executablePath: string, switches: readonly string[] = []): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  try {
    const start = (chromiumSandbox: boolean): Promise<Browser> =>
      chromium.launch({ executablePath, args: [...ARGUMENTS, ...switches], chromiumSandbox });
    // Chromium refuses root a sandbox, and some containers and distributions refuse Chromium one.
    if (process.getuid?.() === 0) return await start(false);
    return await start(true).catch((error: Error) => {
      if (/sandbox/i.test(error.message)) return start(false);
      throw error;
    });
  } catch (error) {
    throw new UsageError(`${executablePath}: the browser did not start: ${(error as Error).message.split('\n')[0]}`);
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
