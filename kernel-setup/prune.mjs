// Removes from node_modules what nothing here ever reads: source maps, ONNX Runtime's and ZeroMQ's libraries for other
// platforms and TensorFlow.js's bundles for browsers. That is more than half of an install. `npm ci` brings all of it back.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ files: number, bytes: number }} Pruned */

/**
 * @param {string} modules the folder node_modules
 * @param {{ platform: string, arch: string }} machine as `process` names them
 * @returns {Pruned} what was removed
 */
export function prune(modules, { platform, arch }) {
  const doomed = [
    ...sourceMaps(modules),
    ...otherPlatforms(join(modules, 'onnxruntime-node', 'bin', 'napi-v6'), platform, arch),
    ...otherPlatforms(join(modules, 'zeromq', 'build'), platform, arch),
    ...filesIn(join(modules, '@tensorflow')).filter(isBrowserBundle),
  ];
  const bytes = doomed.reduce((sum, path) => sum + statSync(path).size, 0);
  for (const path of doomed) rmSync(path);
  return { files: doomed.length, bytes };
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** @param {string} modules */
const sourceMaps = (modules) => filesIn(modules).filter((path) => /\.[cm]?[jt]sx?\.map$/.test(path));

/**
 * Libraries of other platforms, which lie in folders named after platform and architecture.
 * @param {string} folder @param {string} platform @param {string} arch
 */
function otherPlatforms(folder, platform, arch) {
  const own = join(folder, platform, arch);
  // On a platform that has no libraries, nothing tells which ones to keep.
  if (filesIn(own).length === 0) return [];
  return filesIn(folder).filter((path) => LIBRARY.test(path) && !path.startsWith(own));
}

const LIBRARY = /\.(node|so(\.\d+)*|dylib|dll)$/;

/** `tf.node.js`, `tf-core.node.js` and so on are what Node loads. @param {string} path */
const isBrowserBundle = (path) =>
  /[/\\]@tensorflow[/\\]tfjs[^/\\]*[/\\]dist[/\\]tf(-[a-z-]+)?(\.\w+)*\.js$/.test(path) && !path.endsWith('.node.js');
