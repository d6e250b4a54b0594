import { parseFile } from '../generators/rbac/parse.ts';
import { renderedPermission } from '../generators/rbac/permission.ts';
import type { Base } from '../git/base-refs.ts';
import { readBlobs } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import { type FileVersion, readHistory } from '../git/history.ts';
import { isShallow } from '../git/shallow.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { classify, isDrifted } from './classify.ts';
import { sameSide } from './differences.ts';
import type { DriftedBinding } from './result.ts';
import type { ComparedBinding } from './sides.ts';
import type { History, PastVersion } from './versions.ts';

/** What differs, with what git's history says of how it came to. */
export async function explainDrift(
  io: Io,
  flags: CommonFlags,
  git: Git,
  { base }: { readonly base: Base },
  compared: readonly ComparedBinding[],
  folders: readonly string[],
): Promise<readonly DriftedBinding[]> {
  const drifted = compared.filter(isDrifted);
  if (drifted.length === 0) return [];
  const versions = await readHistory(git, base.commit, [...new Set(drifted.map(({ path }) => path))], folders);
  // Only where the cluster is not as git is does it matter what git said before.
  const deep = new Set(drifted.filter((it) => !sameSide(it.git, it.live)).map(({ path }) => path));
  const history = await readVersions(git, versions, deep);
  const now = io.clock.now();
  const explained = drifted.map((it) => classify(it, history, now));
  if (explained.some(({ states }) => states.some((state) => state !== 'waiting-for-merge')) && (await isShallow(git))) {
    logOf(io, flags).warn(
      'shallow clone: bindings that wait for the GitOps controller may be reported as changed; fetch the whole history (fetch-depth: 0)',
    );
  }
  return explained;
}

async function readVersions(
  git: Git,
  versions: ReadonlyMap<string, readonly FileVersion[]>,
  deep: ReadonlySet<string>,
): Promise<History> {
  // What the newest one says is known: it is git's side.
  const ids = new Set(
    [...versions].flatMap(([path, all]) => (deep.has(path) ? all.slice(1).flatMap(({ oid }) => oid ?? []) : [])),
  );
  const blobs = await readBlobs(
    git,
    [...ids].map((oid) => ({ path: oid, mode: '100644', oid })),
  );
  const parsed = new Map([...blobs].map(([oid, content]) => [oid, bindingsIn(content)]));
  return new Map(
    [...versions].map(([path, all]) => [
      path,
      all.map(({ oid, ...version }): PastVersion => {
        return { ...version, bindings: oid === undefined ? new Map() : parsed.get(oid) };
      }),
    ]),
  );
}

function bindingsIn(content: Uint8Array): PastVersion['bindings'] {
  const parsed = parseFile(content);
  if (parsed.kind !== 'rendered') return undefined;
  return new Map(
    parsed.roles.map((role) => [role.bindingName, { permission: renderedPermission(role), subjects: role.subjects }]),
  );
}
