// Writes the picture of the floors into CONTRIBUTING.md; with --check, fails where the picture there is another.
import { readFileSync, writeFileSync } from 'node:fs';
import floors from './floors.cjs';

const page = new URL('../CONTRIBUTING.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const shown = [...floors].reverse().map((rooms) => rooms.join(' · '));
const picture = `<!-- floors -->\n\`\`\`\n${shown.join('\n')}\n\`\`\`\n<!-- /floors -->`;
const marked = /<!-- floors -->[\s\S]*<!-- \/floors -->/;
if (!marked.test(text)) throw new Error('CONTRIBUTING.md has no place marked <!-- floors --> … <!-- /floors -->');
const next = text.replace(marked, picture);
if (!process.argv.includes('--check')) writeFileSync(page, next);
else if (next !== text) {
  process.stderr.write('CONTRIBUTING.md shows other floors than tools/floors.cjs: run `node tools/floors.mjs`\n');
  process.exit(1);
}
