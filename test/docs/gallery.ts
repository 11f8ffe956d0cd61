import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MimeBundle } from '../../src/display';
import { display } from '../../src/display';
import { type Example, exportedNames } from './examples';
import { runExample } from './run-example';

/** A figure that the example of a public name draws. */
export interface Drawn {
  readonly name: string;
  /** The first sentence of the name's documentation. */
  readonly says: string;
  readonly code: string;
  readonly alt: string;
  readonly bundle: MimeBundle;
}

/** Where the picture of a figure lies, from docs/. */
export const pictureOf = ({ name }: Drawn): string => `images/gallery/${name}.png`;

/** Runs the examples of the figures' names, in a folder of their own, and returns what they draw. */
export async function drawnByExamples(names = exportedNames()): Promise<Drawn[]> {
  const cwd = process.cwd();
  const scratch = mkdtempSync(join(tmpdir(), 'gmm-vae-gallery-'));
  process.chdir(scratch);
  try {
    const drawn: Drawn[] = [];
    for (const { name, says, examples } of names) {
      if (!/^[a-z]\w*Figure$|^figure$|^imageGrid$|^frameSlider$/.test(name)) continue;
      for (const { code } of examples) drawn.push({ name, says, code, ...(await figureOf({ name, code })) });
    }
    return drawn.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  } finally {
    process.chdir(cwd);
    rmSync(scratch, { recursive: true });
  }
}

async function figureOf({ name, code }: Example): Promise<{ readonly alt: string; readonly bundle: MimeBundle }> {
  const value = (await runExample(code)).at(-1) as { readonly alt: string; [display](): MimeBundle } | undefined;
  if (typeof value?.alt !== 'string') throw new Error(`${name}: its example does not end with a figure`);
  return { alt: value.alt, bundle: value[display]() };
}

/** docs/gallery.md. */
export function galleryPage(figures: readonly Drawn[]): string {
  const head = [
    '# Gallery',
    'Every figure of the library, as its example draws it; where it has a slider, one step. `npx vite-node\ntools/gallery.ts` makes this page and its pictures again, with an installed Chromium, Chrome or Edge.',
  ];
  const parts = figures.map((figure) =>
    [
      `## ${figure.name}`,
      wrapped(figure.says),
      `![${figure.alt.replace(/[[\]]/g, '\\$&')}](${pictureOf(figure)})`,
      `<details><summary>Code</summary>\n\n\`\`\`ts\n${figure.code}\`\`\`\n\n</details>`,
    ].join('\n\n'),
  );
  return `${[...head, ...parts].join('\n\n')}\n`;
}

function wrapped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/(.{1,118})(?: |$)/g, '$1\n')
    .trim();
}
