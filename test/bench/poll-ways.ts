import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openZms } from '../../src/athenz/open-zms.ts';
import { poll } from '../../src/athenz/poll.ts';
import { loadConfig } from '../../src/config/load.ts';
import { gitIn } from '../support/repository.ts';
import { namespaceAt, roleNames, writeConfig } from './fleet.ts';
import { measure } from './measure.ts';
import { bin } from './program.ts';
import type { ZmsProcess } from './zms.ts';

/** The ways to ask ZMS for a fleet whose repository has all that Athenz says. */
export interface PollWays {
  /** The poll alone, in this process. */
  poll(): Promise<void>;
  /** The whole program. @param code how it has to end; default: 0 */
  sync(code?: number): Promise<void>;
  /** The next run reads everything again. */
  forget(): Promise<void>;
}

/** @param dir an empty folder */
export async function openPollWays(zms: ZmsProcess, dir: string, amount: number): Promise<PollWays> {
  const { publicKeyPath, ...paths } = zms.credentials;
  const cache = join(dir, 'cache');
  const repository = join(dir, 'repository');
  const athenz = { zmsUrl: zms.url, ...paths, publicKeys: { '0': publicKeyPath }, cache };
  await writeConfig(repository, amount, athenz);
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', repository);
  gitIn(repository, 'add', '--all');
  gitIn(repository, 'commit', '--quiet', '--message', 'Config');
  const config = await loadConfig(join(repository, 'athenz-gitops.yaml'));
  const wanted = new Map(
    Array.from({ length: amount }, (_, at) => [`acme.eks.${namespaceAt(at)}`, new Set<string>(roleNames)]),
  );
  const clock = { now: () => Date.now(), sleep: (milliseconds: number) => setTimeout(milliseconds) };
  const ways: PollWays = {
    async poll() {
      const client = openZms({ config: config.athenz, env: {}, clock });
      try {
        const options = { zms: client, wanted, userDomain: config.athenz.userDomain, now: clock.now };
        const { domains } = await poll(options);
        const read = [...domains.values()].filter(({ kind }) => kind === 'value').length;
        if (read !== amount) throw new Error(`${read} of ${amount} documents`);
        await client.saveCache();
      } finally {
        await client.close();
      }
    },
    async sync(code = 0) {
      await measure({ program: process.execPath, args: [bin, 'sync', '--quiet'], cwd: repository, code });
    },
    async forget() {
      for (const name of await readdir(cache)) await rm(join(cache, name), { recursive: true });
    },
  };
  await ways.sync();
  gitIn(repository, 'merge', '--quiet', '--no-edit', 'athenz-gitops/main/prod');
  gitIn(repository, 'repack', '-adq');
  // What is merged is remembered by the run that sees it.
  await ways.sync();
  return ways;
}
