import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openZms } from '../../src/athenz/open-zms.ts';
import type { Zms } from '../../src/athenz/zms.ts';
import type { AthenzConfig } from '../../src/config/types.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { RetryPolicy } from '../../src/runtime/retry.ts';
import { writeCredentials } from '../../src/sandbox/files.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { openSandbox } from './authority.ts';

/** A clock on which waiting takes no time: it only moves when somebody sleeps, or when it is told to. */
export interface FakeClock extends Clock {
  readonly slept: readonly number[];
  advance(milliseconds: number): void;
}

export function fakeClock(start = Date.now()): FakeClock {
  const slept: number[] = [];
  let now = start;
  return {
    slept,
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}

/** A sandbox and a client of it. */
export interface ZmsFixture extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly zms: Zms;
  readonly clock: FakeClock;
  readonly dir: string;
  readonly config: AthenzConfig;
  /** Another client with other settings, closed with the fixture. */
  open(changes?: Partial<AthenzConfig>, env?: NodeJS.ProcessEnv): Zms;
  /** Paths of the requests so far, without `/zms/v1`. */
  paths(): readonly string[];
}

export interface ZmsFixtureOptions extends SandboxOptions {
  readonly athenz?: Partial<AthenzConfig>;
  readonly retry?: RetryPolicy;
}

export async function startZms({ athenz = {}, retry, ...options }: ZmsFixtureOptions = {}): Promise<ZmsFixture> {
  const sandbox = await openSandbox(options);
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-zms-'));
  const files = await writeCredentials(sandbox, dir, { principal: 'acme.platform.gitops' });
  const clock = fakeClock();
  const config: AthenzConfig = {
    zmsUrl: sandbox.url,
    certPath: files.certPath,
    keyPath: files.keyPath,
    caPath: files.caPath,
    publicKeys: {},
    userDomain: 'user',
    requestTimeout: 5000,
    concurrency: 16,
    requestsPerSecond: 'off',
    cache: null,
    ...athenz,
  };
  const clients: Zms[] = [];
  const open = (changes: Partial<AthenzConfig> = {}, env: NodeJS.ProcessEnv = {}) => {
    const client = openZms({
      config: { ...config, ...changes },
      env,
      clock,
      ...(retry === undefined ? {} : { retry }),
    });
    clients.push(client);
    return client;
  };
  return {
    sandbox,
    zms: open(),
    clock,
    dir,
    config,
    open,
    paths: () => sandbox.requests.map(({ url }) => url.replace('/zms/v1', '')),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await sandbox.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
