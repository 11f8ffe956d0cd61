import { staleness } from '../../build-record';
import { packageFile, packageVersion } from '../../package';
import { KernelSession } from '../session/session';
import { cellLanguageVersion } from '../tslab';
import { readConnectionFile } from './connection-file';

/** Serves one Jupyter front end's kernel until it is shut down. Called by kernel-setup/launch.mjs. */
export async function startKernel(connectionFile: string): Promise<void> {
  const info = readConnectionFile(connectionFile);
  const session = new KernelSession({ cwd: process.cwd() });
  // Front ends with interrupt_mode "signal" and Ctrl-C in a terminal.
  process.on('SIGINT', () => void session.interrupt());
  // The process of cells starts while ZeroMQ is loaded here.
  const [{ Connection }, { KernelServer }, { Wire }] = await Promise.all([
    import('./connection.js'),
    import('./server.js'),
    import('./wire.js'),
  ]);
  const connection = new Connection();
  await connection.open(info);
  dieWithFrontEnd();
  const versions = { kernel: packageVersion(), typescript: cellLanguageVersion() };
  const findNote = () => staleness(packageFile());
  const server = new KernelServer(session, connection, new Wire(info.key), versions, findNote);
  await server.serve();
  session.close();
  await connection.close();
}

/** A front end that names itself in JPY_PARENT_PID may be killed without a word; its kernel must not outlive it. */
function dieWithFrontEnd(): void {
  if (process.platform === 'win32' || Number(process.env.JPY_PARENT_PID ?? 0) <= 1) return;
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 1000).unref();
}
