import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openZms } from '../../src/athenz/open-zms.ts';
import type { Zms } from '../../src/athenz/zms.ts';
import type { AthenzConfig } from '../../src/config/types.ts';
import type { RetryPolicy } from '../../src/runtime/retry.ts';
import type { CertificatePair } from '../../src/sandbox/authority.ts';
import { type FakeClock, fakeClock } from './zms.ts';

/** One try, for tests of what a single failure becomes. */
export const onlyOnce: RetryPolicy = { tries: 1, within: 0, delay: 0 };

/** What a client needs to know of a server. */
export interface ZmsServer {
  readonly url: string;
  readonly authority: {
    readonly caPem: string;
    issue(request: { readonly principal: string }): Promise<CertificatePair>;
  };
}

export interface ClientOptions {
  readonly config?: Partial<AthenzConfig>;
  readonly retry?: RetryPolicy;
  readonly env?: NodeJS.ProcessEnv;
  /** The client's certificate. Default: one of the server's own authority for `acme.platform.gitops`. */
  readonly pair?: CertificatePair;
}

export interface ZmsClient {
  readonly zms: Zms;
  readonly clock: FakeClock;
  /** Holds `ca.crt`, `client.crt` and `client.key`. */
  readonly dir: string;
  /** As it is in effect, with every path. */
  readonly config: AthenzConfig;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a client of a server, with its files in a temporary folder and a clock of its own. */
export async function openClient(server: ZmsServer, options: ClientOptions = {}): Promise<ZmsClient> {
  const { env = {}, retry } = options;
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-client-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  await writePair(dir, options.pair ?? (await server.authority.issue({ principal: 'acme.platform.gitops' })));
  await writeFile(join(dir, 'ca.crt'), server.authority.caPem);
  const config: AthenzConfig = {
    ...defaults,
    zmsUrl: server.url,
    certPath: join(dir, 'client.crt'),
    keyPath: join(dir, 'client.key'),
    caPath: join(dir, 'ca.crt'),
    ...options.config,
  };
  const clock = fakeClock();
  const open = () => openZms({ config, env, clock, ...(retry === undefined ? {} : { retry }) });
  const zms = await Promise.resolve()
    .then(open)
    .catch(async (error: unknown) => {
      await remove();
      throw error;
    });
  return {
    zms,
    clock,
    dir,
    config,
    async [Symbol.asyncDispose]() {
      await zms.close();
      await remove();
    },
  };
}

/** Writes `client.crt` and `client.key`, as an agent that renews them does. */
export async function writePair(dir: string, { cert, key }: CertificatePair): Promise<void> {
  await writeFile(join(dir, 'client.key'), key, { mode: 0o600 });
  await writeFile(join(dir, 'client.crt'), cert);
}

/** A config that names no server and no files. */
export const defaults: AthenzConfig = {
  zmsUrl: 'https://localhost:1/zms/v1',
  certPath: null,
  keyPath: null,
  caPath: null,
  publicKeys: {},
  userDomain: 'user',
  requestTimeout: 10_000,
  concurrency: 4,
  requestsPerSecond: 'off',
  cache: null,
};
