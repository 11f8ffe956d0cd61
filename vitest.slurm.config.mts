import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

/** Sweeps on a real Slurm of two nodes: needs root and Debian's slurmctld, slurmd, slurm-client and munge, sshfs and openssh-sftp-server; CI runs these. */
export default defineConfig({
  test: { include: ['test/slurm/**/*.check.ts'], testTimeout: 400_000, hookTimeout: 60_000, maxWorkers: 3 },
});
