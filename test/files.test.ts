import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../src/errors';
import {
  createExclusivelySync,
  makeFolderSync,
  replaceFolderSync,
  writeAtomically,
  writeAtomicallySync,
} from '../src/files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gmm-vae-files-'));
});

const WRITERS = {
  writeAtomically,
  writeAtomicallySync: async (path: string, contents: string | Uint8Array) => writeAtomicallySync(path, contents),
};

describe('createExclusivelySync', () => {
  it('makes a file once, leaves the one that is there, and names the one that it cannot make', () => {
    const path = join(folder, '.lock');
    expect([createExclusivelySync(path, 'first'), createExclusivelySync(path, 'second')]).toEqual([true, false]);
    expect(readFileSync(path, 'utf8')).toBe('first');
    const none = join(folder, 'none', '.lock');
    expect(() => createExclusivelySync(none, '')).toThrow(new UsageError(`${none}: cannot be written (ENOENT)`));
  });
});

describe.each(Object.entries(WRITERS))('%s', (_, write) => {
  it('makes a file and replaces it, text and bytes alike, and leaves nothing beside it', async () => {
    const path = join(folder, 'a.json');
    await write(path, '½');
    expect(readFileSync(path, 'utf8')).toBe('½');
    await write(path, new Uint8Array([1, 2]));
    expect([...readFileSync(path)]).toEqual([1, 2]);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('makes a file whose name is as long as a system allows, and names one that is longer in one line', async () => {
    const long = join(folder, `${'ä'.repeat(125)}.json`);
    await write(long, 'whole');
    expect(readFileSync(long, 'utf8')).toBe('whole');
    const longer = join(folder, 'a'.repeat(256));
    await expect(write(longer, '')).rejects.toThrow(
      new UsageError(`${longer}: cannot be written: ENAMETOOLONG: name too long`),
    );
    const taken = join(folder, "it's");
    mkdirSync(taken);
    await expect(write(taken, '')).rejects.toThrow(/it's: cannot be written: [^']*$/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves the old file and no temporary one where the new one cannot take its place', async () => {
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'inside'), { recursive: true });
    await expect(write(taken, 'new')).rejects.toThrow(/taken: cannot be written: (EISDIR|ENOTEMPTY|EPERM)/);
    expect(readdirSync(folder)).toEqual(['taken']);
    await expect(write(join(folder, 'none', 'a'), 'new')).rejects.toThrow(
      /none.a: cannot be written: there is no folder .*none$/,
    );
    writeFileSync(join(folder, 'plain'), '');
    await expect(write(join(folder, 'plain', 'a'), 'new')).rejects.toThrow(
      new UsageError(
        `${join(folder, 'plain', 'a')}: cannot be written: ${join(folder, 'plain')} is a file, expected a folder`,
      ),
    );
  });

  it('never shows a reader a mixture: every read is one of the versions written', async () => {
    const path = join(folder, 'big');
    const versions = ['a', 'b', 'c'].map((letter) => letter.repeat(300_000));
    await write(path, versions[0]!);
    const writing = (async () => {
      for (let i = 0; i < 12; i++) await write(path, versions[i % 3]!);
    })();
    for (let i = 0; i < 40; i++) {
      expect(versions.includes(readFileSync(path, 'utf8'))).toBe(true);
      await new Promise((done) => setImmediate(done));
    }
    await writing;
  });
});

describe('temporary names', () => {
  it('differ between two processes of the same id, as two machines have them on a folder that they share', async () => {
    const path = join(folder, 'a');
    // One process twice at once: the process id alone would give both the same temporary file.
    await Promise.all([writeAtomically(path, 'x'.repeat(1e6)), writeAtomically(path, 'y'.repeat(1e6))]);
    expect(['x'.repeat(1e6), 'y'.repeat(1e6)]).toContain(readFileSync(path, 'utf8'));
  });
});

describe('replaceFolderSync', () => {
  const target = () => join(folder, 'spec');
  const fillWith = (name: string) => (temporary: string) => writeFileSync(join(temporary, name), name);

  it('makes a folder and replaces all that was in it', () => {
    replaceFolderSync(target(), fillWith('old'));
    replaceFolderSync(target(), fillWith('new'));
    expect([readdirSync(folder), readdirSync(target())]).toEqual([['spec'], ['new']]);
  });

  it('leaves the old folder as it was when the new one cannot be filled', () => {
    replaceFolderSync(target(), fillWith('old'));
    const failing = (temporary: string) => {
      fillWith('half')(temporary);
      throw new Error('disk full');
    };
    expect(() => replaceFolderSync(target(), failing)).toThrow('disk full');
    expect([readdirSync(folder), readdirSync(target())]).toEqual([['spec'], ['old']]);
  });
});

describe('makeFolderSync', () => {
  it('makes a folder with those above it, and is content with one that is there', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolderSync(deep);
    makeFolderSync(deep);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['c']);
  });

  it('says in one line what cannot be a folder', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), join(folder, 'file', 'x')]) {
      expect(() => makeFolderSync(path)).toThrow(UsageError);
      expect(() => makeFolderSync(path)).toThrow(`${path}: cannot be written: `);
    }
  });

  // Node's recursive mkdir runs for ever here.
  it('ends where the system refuses a folder', () => {
    expect(() => makeFolderSync('/proc/gmm-vae/x')).toThrow('/proc/gmm-vae/x: cannot be written: ');
  });
});
