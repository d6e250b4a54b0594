import { createHash, hkdfSync } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { AthenzConfig } from '../config/types.ts';
import type { DomainDocument } from '../model/domain.ts';
import { readText } from '../runtime/file.ts';
import { type CacheOptions, type DocumentCache, noCache, openCache } from './cache.ts';
import type { CredentialSource } from './credentials.ts';
import { openSealed, type SealedTexts } from './sealed.ts';

/** What runs leave to later ones. */
export interface Kept<D extends DomainDocument> {
  readonly documents: DocumentCache<D>;
  /** Not set where nothing is to be kept. */
  readonly sealed?: SealedTexts;
}

/**
 * The caches that the config and the environment ask for.
 *
 * @param used called with the protected header of each document that is found
 */
export function openCaches<D extends DomainDocument>(
  { config, env }: { readonly config: AthenzConfig; readonly env: NodeJS.ProcessEnv },
  credentials: CredentialSource,
  options: Pick<CacheOptions<D>, 'verify' | 'parse' | 'used'>,
): Kept<D> {
  const root = cacheRoot(config.cache, env);
  if (root === undefined) return { documents: noCache };
  const keyFor = (purpose: string) => async () => {
    const pins = Object.entries(config.publicKeys).sort(([a], [b]) => (a < b ? -1 : 1));
    const pinned = await Promise.all(pins.map(async ([id, file]) => `${id} ${await readText(file)}`));
    return cacheKey((await credentials()).key, config.zmsUrl, [purpose, ...pinned]);
  };
  const folder = cacheFolder(root, config.zmsUrl);
  return {
    documents: openCache({ folder, macKey: keyFor('athenz-gitops cache 1'), ...options }),
    sealed: openSealed(join(folder, 'memo'), keyFor('athenz-gitops memo 1')),
  };
}

/**
 * The folder for caches; undefined: none. Without a setting, where the XDG Base Directory Specification puts caches; a
 * relative path there is to be ignored.
 */
export function cacheRoot(setting: AthenzConfig['cache'], env: NodeJS.ProcessEnv): string | undefined {
  if (setting === 'off') return undefined;
  if (setting !== null) return setting;
  const [xdg = '', home = ''] = [env['XDG_CACHE_HOME'], env['HOME']];
  const caches = isAbsolute(xdg) ? xdg : isAbsolute(home) ? join(home, '.cache') : undefined;
  return caches && join(caches, 'athenz-gitops');
}

/** Documents of different servers do not share a folder. */
function cacheFolder(root: string, zmsUrl: string): string {
  return join(root, createHash('sha256').update(zmsUrl).digest('hex').slice(0, 16));
}

/**
 * The key of the entries' codes: whoever could forge one holds the client's private key already. Other pinned keys make
 * another key, so that what an older pin accepted is verified again.
 */
function cacheKey(privateKeyPem: string, zmsUrl: string, about: readonly string[]): Buffer {
  const info = createHash('sha256').update(JSON.stringify(about));
  return Buffer.from(hkdfSync('sha256', privateKeyPem, zmsUrl, info.digest(), 32));
}
