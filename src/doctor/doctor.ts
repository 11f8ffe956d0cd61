import { findMnist, mnistCacheFolder } from '../data/mnist';
import { findPackage } from '../package';
import { findBrowser } from '../report/browser';
import { type Check, type Env, guarded } from './check';
import { gpuChecks } from './gpu';
import { jupyterCheck, kernelSpecCheck } from './jupyter';
import { buildCheck, nativeTensorFlowCheck, nodeCheck, packagesCheck } from './project';

/** Everything the project needs or can use, with how to fix what is not there. Looks only; changes nothing. */
export async function examine(env: Env): Promise<Check[]> {
  const root = findPackage();
  const project = root
    ? [
        guarded('packages', () => packagesCheck(root)),
        guarded('build', () => buildCheck(root)),
        guarded('native TensorFlow', () => nativeTensorFlowCheck(root)),
        guarded('Jupyter', () => jupyterCheck(env)),
        guarded('kernelspec', () => kernelSpecCheck(env)),
      ]
    : [
        {
          name: 'project',
          state: 'optional',
          detail: 'running from a bundle: no packages, build or kernel to look at',
        } as const,
      ];
  const checks = await Promise.all([
    guarded('Node.js', () => nodeCheck(process.versions.node)),
    ...project,
    guarded('MNIST', () => mnistCheck(env)),
    guarded('browser', () => browserCheck(env)),
  ]);
  return [...checks, ...(await gpuChecks(env, __dirname))];
}

async function mnistCheck(env: Env): Promise<Check> {
  const paths = await findMnist({ env, cacheDir: mnistCacheFolder(env) });
  const [first] = Object.values(paths ?? {});
  if (first) return { name: 'MNIST', state: 'ok', detail: first };
  const detail = 'not here; training uses the built-in synthetic digits';
  return { name: 'MNIST', state: 'optional', detail, fix: 'gmm-vae data mnist' };
}

function browserCheck(env: Env): Check {
  const path = findBrowser(env);
  if (path) return { name: 'browser', state: 'ok', detail: path };
  const detail = 'no Chromium or Chrome found; needed for PDF reports and static pictures only';
  return { name: 'browser', state: 'optional', detail, fix: 'install one, or name it in CHROME_PATH' };
}
