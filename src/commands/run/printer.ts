import { UsageError } from '../../errors';
import type { Printer } from '../../report/build-options';
import type { CommandIo } from '../io';
import type { RunProgress } from './progress';

/** A browser, started when it is first needed. Without one there are no pictures and, if a PDF is asked for, no report. */
export async function openPrinter(
  {
    pictures,
    pdf,
    reproducible = false,
  }: { readonly pictures: boolean; readonly pdf: boolean; readonly reproducible?: boolean },
  progress: RunProgress,
  io: CommandIo,
): Promise<(Printer & { close(): Promise<void> }) | undefined> {
  if (!pdf && !pictures) return undefined;
  const { findBrowser, launchBrowser } = await import('../../report/browser.js');
  const executable = findBrowser(io.env);
  if (executable === undefined) {
    if (!pdf) return undefined;
    throw new UsageError(
      '--to pdf: no Chromium, Chrome or Edge found; install one, or name its program in CHROME_PATH',
    );
  }
  const { addPictures } = await import('../../report/pictures.js');
  const { printPdf } = await import('../../report/pdf.js');
  let starting: ReturnType<typeof launchBrowser> | undefined;
  const browser = (): ReturnType<typeof launchBrowser> => {
    starting ??= launchBrowser(executable);
    return starting;
  };
  // A browser that cannot start is found before anything runs.
  if (pdf) await browser();
  return {
    addPictures: async (notebook) => {
      if (!pictures) return;
      try {
        await addPictures(await browser(), notebook);
      } catch (error) {
        // The run may have taken hours: its page does not fail for want of a picture.
        progress.log(`gmm-vae: no still pictures: ${(error as Error).message.split('\n')[0]}`);
      }
    },
    ...(pdf ? { print: async (path: string) => printPdf(await browser(), path, { reproducible }) } : {}),
    close: async () => (await starting?.catch(() => undefined))?.close(),
  };
}
