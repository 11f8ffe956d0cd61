import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KernelSession } from '../session';
import { Connection, readConnectionFile } from './connection';
import { KernelServer } from './server';
import { Wire } from './wire';

function packageVersion(path: string): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Serves one Jupyter front end's kernel until it is shut down. Called by kernel-setup/launch.mjs. */
export async function startKernel(connectionFile: string): Promise<void> {
  const info = readConnectionFile(connectionFile);
  const session = new KernelSession({ cwd: process.cwd() });
  const connection = new Connection();
  // Front ends with interrupt_mode "signal" and Ctrl-C in a terminal.
  process.on('SIGINT', () => void session.interrupt());
  await connection.open(info);
  const server = new KernelServer(session, connection, new Wire(info.key), {
    kernel: packageVersion(join(__dirname, '..', '..', '..', 'package.json')),
    typescript: packageVersion(require.resolve('@tslab/typescript-for-tslab/package.json')),
  });
  await server.serve();
  session.close();
  await connection.close();
}
