import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** tfjs-core's own tests of its operators and optimizers, ready to be loaded file by file. */
export interface TfjsTests {
  readonly files: ReadonlyMap<string, () => void>;
  setTestEnvs(envs: readonly { name: string; backendName: string; isDataSync: boolean }[]): void;
}

/**
 * Bundles the tests that @tensorflow/tfjs-core ships. They come with a second copy of tfjs-core's code, which shares its engine and
 * its registries with ours through globals.
 */
export async function loadTfjsTests(): Promise<TfjsTests> {
  const require = createRequire(__filename);
  const dist = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist');
  const names = ['ops', 'optimizers'].flatMap((folder) =>
    readdirSync(join(dist, folder))
      .filter((file) => file.endsWith('_test.js'))
      .map((file) => `${folder}/${file}`),
  );
  const loaders = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(join(dist, name))})`);
  const outfile = join(tmpdir(), `gmm-vae-tfjs-tests-${process.pid}.cjs`);
  await build({
    stdin: {
      contents: `module.exports = { files: {${loaders.join(',')}}, ...require(${JSON.stringify(join(dist, 'jasmine_util.js'))}) };`,
      resolveDir: dist,
    },
    bundle: true,
    platform: 'node',
    outfile,
    logLevel: 'silent',
    plugins: [
      {
        name: 'no jasmine',
        setup(plugin) {
          plugin.onResolve({ filter: /^jasmine-core/ }, () => ({ path: 'jasmine', namespace: 'none' }));
          plugin.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
            contents: 'exports.core = () => ({});',
            loader: 'js',
          }));
        },
      },
    ],
  });
  const loaded = require(outfile) as { files: Record<string, () => void>; setTestEnvs: TfjsTests['setTestEnvs'] };
  return { files: new Map(Object.entries(loaded.files)), setTestEnvs: loaded.setTestEnvs };
}
