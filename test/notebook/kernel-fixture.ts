import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { Client, kernelUnderTest, type Received } from './client';
import { temporaryFolder } from './fixtures';

export interface KernelFixture {
  /** The kernel's front end; another one after `restart`. */
  readonly client: Client;
  /** The notebook's folder. Packages of the project are found from it, also by tslab's own kernel. */
  readonly folder: string;
}

function notebookFolder(): string {
  const project = temporaryFolder();
  const folder = join(project, 'notebooks');
  mkdirSync(folder);
  symlinkSync(join(__dirname, '..', '..', 'node_modules'), join(project, 'node_modules'));
  return folder;
}

/**
 * A kernel for the tests of this file. tslab's own may be left hanging by any test, so that each test starts one anew: a
 * failure is the test's own.
 */
export function startKernel(): KernelFixture {
  const folder = notebookFolder();
  let client: Client | undefined;
  const restart = async (): Promise<void> => {
    client?.close();
    client = await Client.start(kernelUnderTest, folder);
    await client.ready();
  };
  if (kernelUnderTest === 'tslab') beforeEach(restart);
  else beforeAll(restart);
  afterAll(() => client?.close());
  return {
    folder,
    get client() {
      if (!client) throw new Error('the kernel has not been started yet');
      return client;
    },
  };
}

/** Message types in order; a status by its state. */
export function types(published: readonly Received[]): string[] {
  return published.map(({ type, content }) => (type === 'status' ? String(content.execution_state) : type));
}

/** Everything printed on stdout. */
export function printed(published: readonly Received[]): string {
  return published
    .flatMap(({ type, content }) => (type === 'stream' && content.name === 'stdout' ? [String(content.text)] : []))
    .join('');
}
