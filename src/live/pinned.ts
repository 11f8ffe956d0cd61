/**
 * Elementary functions, which engines of browsers round in their own ways, up to one unit in the last place. In a page they are
 * fdlibm's, as Node's are: with them its numbers are Node's to the last digit.
 */
export const ELEMENTARY = ['exp', 'expm1', 'log', 'log1p', 'tan'] as const;

/**
 * The code with functions of its own for the engine's; lines stay where they are.
 * @param moduleOf where the function of that name is imported from
 */
export function pinned(code: string, moduleOf: (name: string) => string): string {
  const used = ELEMENTARY.filter((name) => new RegExp(`\\bMath\\.${name}\\b`).test(code));
  const imports = used.map((name) => `import pinned_${name} from ${JSON.stringify(moduleOf(name))}; `);
  return used.reduce(
    (text, name) => text.replace(new RegExp(`\\bMath\\.${name}\\b`, 'g'), `pinned_${name}`),
    `${imports.join('')}${code}`,
  );
}
