import { nth } from '../../nth';
import { packageFile } from '../../package';

/** One script from a module's text and all that it imports, as it stands inside a page. */
export function bundleScript(contents: string): string {
  // It takes a tenth of a second to load, and most reports have no use for it.
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: packageFile() },
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    write: false,
    logLevel: 'silent',
  });
  return nth(outputFiles, 0)
    .text.replace(/<\/(?=script)/gi, '<\\/')
    .replace(/<!--/g, '<\\!--');
}
