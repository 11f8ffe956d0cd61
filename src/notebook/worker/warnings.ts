interface Warning extends Error {
  readonly code?: string;
  readonly detail?: string;
}

/** Comes from how the kernel imports ES modules, not from anything that a cell has done. */
const OF_THE_KERNEL = /ES Module .* using require\(\)/;

/**
 * Writes the warnings of the process below the cell that causes them: deprecations, unknown labels of `console.timeEnd`, too
 * many listeners. Node would write them past the worker's own streams, and with the number of the process, which no two
 * runs share.
 */
export function showWarnings(write: (text: string) => void): void {
  process.on('warning', ({ name, code, message, detail }: Warning) => {
    if (OF_THE_KERNEL.test(message)) return;
    write(`${code ? `[${code}] ` : ''}${name}: ${message}\n${detail ? `${detail}\n` : ''}`);
  });
}
