import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compiler } from '../tslab';

/** Returns the files that say how cells in `folder` are checked and translated: tsconfig.json, what it extends, and declarations. */
export function projectFiles(folder: string): readonly string[] {
  const beside = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));
  const declarations = beside.map((name) => join(folder, name));
  const path = join(folder, 'tsconfig.json');
  // The compiler is loaded only where there is something to read.
  if (!existsSync(path)) return declarations;
  const { parseJsonSourceFileConfigFileContent, readJsonConfigFile, sys } = compiler();
  const file = readJsonConfigFile(path, sys.readFile);
  const { fileNames } = parseJsonSourceFileConfigFileContent(file, sys, folder, undefined, path);
  const listed = fileNames.filter((name) => name.endsWith('.d.ts'));
  return [...new Set([path, ...(file.extendedSourceFiles ?? []), ...declarations, ...listed])].filter(existsSync);
}
