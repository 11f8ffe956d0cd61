import { spawn } from 'node:child_process';

/** Opens a file in the person's browser; where there is none, nothing happens. */
export function openInBrowser(path: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  spawn(command as string, [...args, path], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}
