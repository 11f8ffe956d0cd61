// npm run kernel [-- --prefix DIR] [--name NAME] [--force]: registers the kernel with Jupyter.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli.js');
if (!existsSync(cli)) {
  process.stderr.write('gmm-vae: the project is not built; run: npm run bootstrap\n');
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [cli, 'kernel', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
