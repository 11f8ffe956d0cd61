import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandsPage } from './commands-page';
import { ROOT } from './markdown';

it('the reference of commands says what --help says', async () => {
  await expect(await commandsPage()).toMatchFileSnapshot(join(ROOT, 'docs/reference/commands.md'));
});
