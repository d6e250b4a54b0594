import { cp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { openRemoteFixture, type RemoteFixture } from './remote-fixture.ts';
import { gitIn } from './repository.ts';

/**
 * A place where one `sync` has something of everything to do: the branch `prod` is out of date, `dev` is not there yet, and
 * `gone` is of a cluster that left the config.
 */
export interface SyncFixture extends RemoteFixture {
  /** As it was in the beginning, to the byte. */
  restore(): Promise<void>;
  /** Branches and notes of ours where proposals go, with what matters of them; the same for any run that did its job. */
  outcome(): readonly string[];
}

export const search = 'acme.eks.search';
export const branches = 'athenz-gitops/main';

export async function openSyncFixture(remote: boolean): Promise<SyncFixture> {
  const fixture = await openRemoteFixture({ remote, rendered: true });
  const cluster = `  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n`;
  await fixture.editConfig((text) => text.replace('roles:\n', cluster));
  await fixture.commit({ 'clusters/dev/namespaces.yaml': '[search, checkout]\n' });
  fixture.pushMain();
  fixture.setRole(search, 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.expect(0, ['sync']);
  for (const refs of ['heads', 'notes']) {
    gitIn(fixture.target, 'update-ref', `refs/${refs}/${branches}/gone`, `refs/${refs}/${branches}/prod`);
    gitIn(fixture.target, 'update-ref', '-d', `refs/${refs}/${branches}/dev`);
  }
  fixture.setRole(search, 'k8s_ns_admins', ['user.dara', 'user.omar']);
  const dirs = [...new Set([fixture.dir, fixture.target])];
  for (const dir of dirs) await cp(dir, `${dir}.kept`, { recursive: true });
  return {
    ...fixture,
    async restore() {
      for (const dir of dirs) {
        await rm(dir, { recursive: true });
        await cp(`${dir}.kept`, dir, { recursive: true });
      }
    },
    outcome: () => outcomeOf(fixture),
  };
}

function outcomeOf({ target }: RemoteFixture): readonly string[] {
  const format = '--format=%(refname:lstrip=2) %(tree) %(parent)';
  const heads = gitIn(target, 'for-each-ref', format, `refs/heads/${branches}`).split('\n');
  const notes = gitIn(target, 'for-each-ref', '--format=%(refname:lstrip=2)', `refs/notes/${branches}`).split('\n');
  const titles = notes.filter((name) => name !== '').map((name) => `${name}: ${titleOf(target, name)}`);
  return [...heads, ...titles];
}

/** The first line of the note on a branch's tip. */
function titleOf(target: string, name: string): string {
  try {
    return gitIn(target, 'notes', `--ref=refs/notes/${name}`, 'show', name).split('\n')[0] ?? '';
  } catch {
    return 'on another commit';
  }
}

const leftover = /\.lock$|^packed-refs\.new$|^fast_import_crash_|\.tmp$/;

/** Files that only a killed program or git leaves; not those among the objects, which git clears away by itself. */
export async function leftoversIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => leftover.test(name.slice(name.lastIndexOf('/') + 1)));
}

/** Lets time pass for them. */
export async function age(dir: string, milliseconds: number): Promise<void> {
  for (const name of await leftoversIn(dir)) {
    const { mtimeMs } = await stat(join(dir, name));
    const at = (mtimeMs - milliseconds) / 1000;
    await utimes(join(dir, name), at, at);
  }
}
