// Writes the picture of the floors into CONTRIBUTING.md; with --check, fails where the picture there is another.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import floors from './floors.cjs';

const page = new URL('../CONTRIBUTING.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const shown = [...floors].reverse().map((rooms) => rooms.join(' · '));
const picture = `<!-- floors -->\n\`\`\`\n${shown.join('\n')}\n\`\`\`\n<!-- /floors -->`;
const marked = /<!-- floors -->[\s\S]*<!-- \/floors -->/;
if (!marked.test(text)) throw new Error('CONTRIBUTING.md has no place marked <!-- floors --> … <!-- /floors -->');
const next = text.replace(marked, picture);
requireRooms(text);
if (!process.argv.includes('--check')) writeFileSync(page, next);
else if (next !== text) {
  process.stderr.write('CONTRIBUTING.md shows other floors than tools/floors.cjs: run `node tools/floors.mjs`\n');
  process.exit(1);
}

/**
 * Requires that every folder that CONTRIBUTING.md lists is there, and that it lists every room.
 * @param {string} page
 */
function requireRooms(page) {
  const listed = /<!-- rooms -->\n```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const rooms = [...listed.matchAll(/^([a-z-]+) .*(?:\n {2,}.*)*/gm)];
  const folders = rooms.flatMap(([line, room]) => [
    room,
    ...[...line.matchAll(/ ([a-z-]+)\//g)].map(([, folder]) => `${room}/${folder}`),
  ]);
  const inSource = readdirSync(new URL('../src', import.meta.url), { withFileTypes: true });
  const missing = [
    ...folders.filter((folder) => !existsSync(new URL(`../src/${folder}`, import.meta.url))),
    ...inSource.filter((entry) => entry.isDirectory() && !folders.includes(entry.name)).map(({ name }) => name),
  ];
  if (missing.length === 0) return;
  process.stderr.write(`CONTRIBUTING.md lists other rooms than src/ has: ${missing.join(', ')}\n`);
  process.exit(1);
}
