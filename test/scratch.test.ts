import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('temporary files of tests', () => {
  it('lie in a folder of the run, which goes when it ends', () => {
    expect(basename(tmpdir())).toMatch(/^gmm-vae-tests-\d+$/);
  });

  it.each(readdirSync('.').filter((name) => /^vitest\..*mts$/.test(name)))('have one in runs of %s', (name) => {
    expect(readFileSync(name, 'utf8')).toContain('\nuseScratchFolder();\n');
  });
});
