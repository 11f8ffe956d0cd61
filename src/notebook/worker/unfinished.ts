import { setTimeout as sleep } from 'node:timers/promises';

/** What keeps a process of Node.js alive, in words; what is not in the table is told by its own name. */
const WORDS: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  Immediate: 'a loop that pauses',
  MessagePort: 'a thread',
  FSReqCallback: 'a file',
  FSReqPromise: 'a file',
  ProcessWrap: 'a process',
  TCPSocketWrap: 'a connection',
  TCPServerWrap: 'a server',
};
/** How this process is told what to do, and tells what came of it. */
const OWN: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap']);

/** Looks in turns: between two steps that are computed elsewhere, a loop is nothing that could be seen. */
const LOOKS = 5;
const PAUSE_MS = 10;

/** What goes on in this process although no cell runs, such as `a timer`; what has been told not to keep it alive (`unref`) is not. */
export async function unfinishedWork(): Promise<readonly string[]> {
  for (let look = 0; look < LOOKS; look++) {
    const active = process.getActiveResourcesInfo().filter((kind) => !OWN.has(kind));
    if (active.length > 0) return [...new Set(active.map((kind) => WORDS[kind] ?? kind))];
    await sleep(PAUSE_MS);
  }
  return [];
}
