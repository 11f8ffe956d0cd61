import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UsageError } from '../errors';

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder in which `gmm-vae` keeps downloads: `XDG_CACHE_HOME` where it is an absolute path (the XDG base directory
 * specification has relative ones ignored), else the platform's own place.
 *
 * @throws UsageError when the platform names no home folder
 */
export function cacheFolder(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const named = environment.XDG_CACHE_HOME;
  if (named && isAbsolute(named)) return join(named, 'gmm-vae');
  if (platform === 'win32' && environment.LOCALAPPDATA) return join(environment.LOCALAPPDATA, 'gmm-vae', 'cache');
  if (!home) throw new UsageError('no home folder to keep the data cache in: set XDG_CACHE_HOME or GMM_VAE_DATA');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'gmm-vae') : join(home, '.cache', 'gmm-vae');
}
