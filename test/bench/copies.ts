import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitIn } from '../support/repository.ts';
import { openAthenz } from './athenz.ts';
import { writeConfig } from './fleet.ts';
import type { Command } from './measure.ts';
import { bin } from './program.ts';
import { type Contender, script } from './render.ts';

/** Objects that are copied into every namespace of a fleet. */
export interface CopiesBench {
  readonly contenders: readonly Contender[];
  /** The first sync, which proposes all copies; `merge` merges what is proposed. */
  readonly cold: Command;
  merge(): void;
  /** Files that the proposal of an edited source changes. */
  changed(): number;
  close(): Promise<void>;
}

const rbac = 'athenz-gitops/main/prod';
const branch = 'athenz-gitops/main/copies@+athenz-gitops_yaml.prod';

/** @param dir an empty folder */
export async function openCopiesBench(dir: string, sources: number, namespaces: number): Promise<CopiesBench> {
  const { sandbox, athenz } = await openAthenz(dir, namespaces);
  const own = join(dir, 'own');
  await writeConfig(own, namespaces, athenz);
  const config = join(own, 'athenz-gitops.yaml');
  const parsed = JSON.parse(await readFile(config, 'utf8'));
  await writeFile(config, JSON.stringify({ ...parsed, copies: {} }, null, 2));
  for (const folder of ['sources', 'inputs/copies']) await mkdir(join(own, folder), { recursive: true });
  for (let at = 0; at < sources; at++) {
    await writeFile(join(own, `sources/${at}.yaml`), sourceAt(at));
    await writeFile(join(own, `inputs/copies/${at}.yaml`), syncAt(at));
  }
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', own);
  gitIn(own, 'add', '--all');
  gitIn(own, 'commit', '--quiet', '--message', 'Config');
  const sync: Command = { program: process.execPath, args: [bin, 'sync', '--quiet'], cwd: own };
  const floor = join(dir, 'floor');
  let turn = 0;
  const edit = async () => {
    await writeFile(join(own, 'sources/0.yaml'), sourceAt(0, `turn ${turn++}`));
    gitIn(own, 'commit', '--quiet', '--all', '--message', 'Edit');
  };
  return {
    cold: sync,
    merge() {
      for (const it of [rbac, branch]) gitIn(own, 'merge', '--quiet', '--no-edit', it);
      gitIn(own, 'repack', '-adq');
    },
    changed: () => gitIn(own, 'diff', '--name-only', `main...${branch}`).split('\n').filter(Boolean).length,
    contenders: [
      {
        name: 'JSON.stringify, a file each',
        command: script('copies', dir, `${sources}`, `${namespaces}`, floor),
        before: () => rm(floor, { recursive: true, force: true }),
      },
      { name: 'athenz-gitops sync, nothing changed', command: sync },
      { name: 'athenz-gitops sync, one source edited', command: sync, before: edit },
    ],
    close: () => sandbox.close(),
  };
}

/** About 2 kB, as configuration that many share is. */
function sourceAt(at: number, more = ''): string {
  const data = { 'app.conf': `${'key = value\n'.repeat(150)}${more}\n`, region: 'eu-1' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `shared-${at}`, namespace: 'default' },
    data,
  });
}

function syncAt(at: number): string {
  const spec = { source: { group: '', kind: 'ConfigMap', name: `shared-${at}` }, destinations: [{ namespace: '*' }] };
  return JSON.stringify({
    apiVersion: 'sync.rustrial.org/v1alpha1',
    kind: 'ObjectSync',
    metadata: { name: `shared-${at}`, namespace: 'default' },
    spec,
  });
}
