// Completes package-lock.json with the optional packages of other platforms.
//
// A registry mirror that carries only its own platform's binaries makes `npm install` leave the others out of the lock
// file, and `npm ci` then refuses that file everywhere ("Missing: …-darwin-arm64 from lock file"). Their versions are
// pinned by the package that asks for them and their platform stands in their name, so the entries can be completed
// without the registry; they carry no integrity hash, which npm allows.
//
//   node tools/lock-platforms.mjs          after every change of the dependencies
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32'];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** The `os`, `cpu` and `libc` fields that a platform package's name stands for. @param {string} name */
function platformOf(name) {
  const words = name.replaceAll('/', '-').split('-');
  const os = OS.find((it) => words.includes(it));
  const cpu = CPU.find((it) => words.includes(it) || words.includes(`${it}le`));
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    const nested = `${path}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top] || !platform.cpu || !/^\d/.test(version)) continue;
    lock.packages[top] = { version, ...platform, optional: true, ...(entry.dev && { dev: true }) };
    added.push(top);
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(`${FILE}.tmp`, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
renameSync(`${FILE}.tmp`, FILE);
process.stdout.write(`package-lock.json: ${added.length} optional packages of other platforms added\n`);
