import { resolve } from 'node:path';
import { decodeUtf8, readText } from '../../text-files';
import type { CommandIo } from '../io';

export interface SpecText {
  readonly text: string;
  /** Its name in messages. */
  readonly source: string;
}

/** The file, relative to the working folder, or standard input for `-`. */
export async function readSpec(file: string, io: CommandIo): Promise<SpecText> {
  if (file !== '-') return { text: await readText(resolve(io.cwd, file), file), source: file };
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return { text: decodeUtf8(Buffer.concat(chunks), 'standard input'), source: 'standard input' };
}
