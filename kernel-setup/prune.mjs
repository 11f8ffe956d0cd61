// Removes from node_modules what nothing here ever reads: source maps, ONNX Runtime's libraries for other platforms and
// TensorFlow.js's bundles for browsers. That is more than half of an install. `npm ci` brings all of it back.
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
    ...['tfjs', 'tfjs-node'].flatMap((name) => browserBundles(join(modules, '@tensorflow', name, 'dist'))),
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

/** @param {string} folder @param {string} platform @param {string} arch */
function otherPlatforms(folder, platform, arch) {
  const own = join(folder, platform, arch);
  // On a platform that has no libraries, nothing tells which ones to keep.
  return filesIn(own).length === 0 ? [] : filesIn(folder).filter((path) => !path.startsWith(own));
}

/** `tf.node.js` is the one that Node loads. @param {string} dist */
const browserBundles = (dist) =>
  filesIn(dist).filter((path) => /[/\\]dist[/\\]tf(\.[\w]+)*\.js$/.test(path) && !path.endsWith('tf.node.js'));
