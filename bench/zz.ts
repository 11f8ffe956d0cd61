import { pathToFileURL } from 'node:url';
import { findBrowser, launchBrowser } from '/work/wt/live/src/report/browser';
async function main() {
  const [file, sel, out] = process.argv.slice(2);
  const browser = await launchBrowser(findBrowser(process.env)!);
  for (const [name, o] of Object.entries({ light: { viewport: { width: 1100, height: 900 } }, dark: { viewport: { width: 1100, height: 900 }, colorScheme: 'dark' }, phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } })) {
    const c = await browser.newContext(o as any); const page = await c.newPage();
    page.on('pageerror', (e) => console.log('ERR', e.message)); page.on('console', (m) => m.type() === 'error' && console.log('CON', m.text()));
    await page.goto(pathToFileURL(file!).href);
    const el = page.locator(sel!).first(); await el.scrollIntoViewIfNeeded(); await page.waitForTimeout(2500);
    await el.screenshot({ path: `/tmp/live/${out}-${name}.png` });
    await c.close();
  }
  await browser.close();
}
void main().then(() => process.exit(0));
