// Makes dist/index.js load a part of the library when a name of it is first used: `import { Normal } from 'gmm-vae'` needs no
// TensorFlow.js, which takes longer to load than most cells to run. Runs after the compiler, whose code loads all parts at once.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const INDEX = fileURLToPath(new URL('../dist/index.js', import.meta.url));

/** What the compiler writes for `export { name } from './part'`: a line for the part, then one for each name. */
const PART = /^var (\w+) = (require\("[^"]+"\));$/gm;
const NAME = /return (\w+)\.(\w+); } }\);$/gm;

/**
 * Puts in a part's place an object that becomes the part when one of its names is read. The lines of the names stay as they are:
 * Node reads in them which names an ES module can import.
 *
 * @param {string} code
 * @returns {string}
 */
function lazy(code) {
  const names = [...code.matchAll(NAME)];
  return code.replace(PART, (_, part, load) => {
    const own = names.flatMap(([, of, name]) => (of === part ? [name] : []));
    if (own.length === 0)
      throw new Error(`dist/index.js: no name comes from ${part}, so that it would never be loaded`);
    const getters = own.map((name) => `get ${name}() { return (${part} = ${load}).${name}; }`);
    return `var ${part} = { ${getters.join(', ')} };`;
  });
}

const made = `${INDEX}.${process.pid}.tmp`;
writeFileSync(made, lazy(readFileSync(INDEX, 'utf8')));
renameSync(made, INDEX);
