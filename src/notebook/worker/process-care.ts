import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';

/** Growth of the heap after which garbage is collected between two cells; left alone, V8 would let it pile up. */
const COLLECT_BYTES = 24 * 1024 * 1024;

/** Collects when there is enough to collect, through a collector that the cells do not see. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose_gc');
  let kept = process.memoryUsage().heapUsed;
  return () => {
    if (process.memoryUsage().heapUsed < kept + COLLECT_BYTES) return;
    collect();
    kept = process.memoryUsage().heapUsed;
  };
}

/** When the session's process is killed outright, an endless loop in a cell would outlive it. This thread ends it, where no guard does. */
export function dieWithParent(): void {
  // The parent of now: by the time that the thread has started, on a busy machine, it may be gone.
  const watch = `const parent = ${process.ppid};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`;
  new Worker(watch, { eval: true, stdout: false, stderr: false }).unref();
}
