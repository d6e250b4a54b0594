import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { gitIn } from '../support/repository.ts';
import { openAthenz } from './athenz.ts';
import { domainsOf, writeConfig } from './fleet.ts';
import type { Command } from './measure.ts';
import { bin } from './program.ts';
import { type Contender, script } from './render.ts';

/** A fleet in Athenz and in git, and the ways to keep one like the other. */
export interface SyncBench {
  readonly sandbox: Sandbox;
  readonly contenders: readonly Contender[];
  /** The first sync, of an empty repository and without a cache; what it proposes is merged by `merge`. */
  readonly cold: Command;
  merge(): void;
  close(): Promise<void>;
}

const branch = 'athenz-gitops/main/prod';

/** @param dir an empty folder */
export async function openSyncBench(dir: string, amount: number): Promise<SyncBench> {
  const domains = domainsOf(amount);
  const { sandbox, certs, cache, athenz } = await openAthenz(dir, amount);
  const own = join(dir, 'own');
  const usual = join(dir, 'usual');
  await writeConfig(own, amount, athenz);
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', own);
  gitIn(own, 'add', '--all');
  gitIn(own, 'commit', '--quiet', '--message', 'Config');
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', usual);
  const sync: Command = { program: process.execPath, args: [bin, 'sync', '--quiet'], cwd: own };
  let turn = 0;
  /** Gives the first namespace another member each time. */
  const change = async () => {
    const name = 'acme.eks.team-0';
    const roles = { ...domains[name]?.roles, k8s_ns_admins: ['user.person_1', `user.other_${turn++}`] };
    sandbox.update(({ domains: now }) => ({ domains: { ...now, [name]: { roles } } }));
  };
  return {
    sandbox,
    cold: sync,
    merge() {
      gitIn(own, 'merge', '--quiet', '--no-edit', branch);
      gitIn(own, 'repack', '-adq');
    },
    contenders: [
      { name: 'athenz-gitops sync, nothing changed', command: sync },
      { name: 'athenz-gitops sync, one domain changed', command: sync, before: change },
      {
        name: 'athenz-gitops sync, memo lost',
        command: sync,
        before: async () => {
          // As it was when it was merged.
          sandbox.update(({ domains: now }) => ({
            domains: { ...now, 'acme.eks.team-0': domains['acme.eks.team-0'] ?? {} },
          }));
          for (const folder of await memos(cache)) await rm(folder, { recursive: true, force: true });
        },
      },
      { name: 'write all, git add, commit', command: script('usual', dir, `${amount}`, usual) },
      {
        name: '?expand=true of each role, write all, git add, commit',
        command: script('usual', dir, `${amount}`, usual, sandbox.url, certs),
      },
    ],
    close: () => sandbox.close(),
  };
}

async function memos(cache: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(cache)).map((name) => join(cache, name, 'memo'));
}
