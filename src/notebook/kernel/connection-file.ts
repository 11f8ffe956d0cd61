import { chmodSync, statSync } from 'node:fs';
import { UsageError } from '../../errors';
import { readText } from '../../text-files';

export const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;

export interface ConnectionInfo extends Readonly<Record<(typeof PORTS)[number], number>> {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
}

/** @throws UsageError when the file is missing or is no connection file that this kernel can serve. */
export function readConnectionFile(path: string): ConnectionInfo {
  let info: Record<string, unknown>;
  try {
    info = JSON.parse(readText(path, 'it')) as Record<string, unknown>;
    // It holds the secret that authenticates front ends.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch (error) {
    throw new UsageError(`connection file ${path}: ${(error as Error).message}`);
  }
  for (const port of PORTS) {
    if (!Number.isInteger(info[port])) throw new UsageError(`connection file ${path}: ${port}: expected a port number`);
  }
  const scheme = info.signature_scheme ?? 'hmac-sha256';
  if (scheme !== 'hmac-sha256')
    throw new UsageError(`connection file ${path}: signature_scheme ${scheme} is not known`);
  const { transport = 'tcp', ip = '127.0.0.1', key = '' } = info;
  return { ...info, transport, ip, key } as ConnectionInfo;
}
