import assert from 'node:assert/strict';
import type { Proposal } from '../../../src/model/proposal.ts';
import { pullLabels } from '../../../src/model/pull.ts';
import type { PullView } from '../github/stand-in.ts';
import { markerOf } from '../marker.ts';
import type { RunResult } from '../result.ts';
import { bindingsIn } from '../roles.ts';
import { botLogin, branchPrefix, clusters, digestOf, inventoryOf, roles, type Walk } from './walk.ts';

/** What there was before a run. */
export interface Before {
  readonly pulls: readonly PullView[];
  readonly declined: ReadonlyMap<number, { readonly branch: string; readonly digest: string }>;
}

export function lookBefore({ fixture, memory }: Walk): Before {
  return { pulls: fixture.github.pulls(), declined: new Map(memory.declined) };
}

/** What holds after any run, whatever went wrong with it. */
export async function checkAlways(walk: Walk, before: Before): Promise<void> {
  const { fixture, memory } = walk;
  const { github } = fixture;
  const { git } = github;
  const pulls = github.pulls();
  const heads = pulls
    .filter(({ state, head }) => state === 'open' && head.startsWith(branchPrefix))
    .map(({ head }) => head);
  assert.deepEqual([...new Set(heads)], heads, 'at most one open pull request per scope');

  assert.equal(git.run('rev-parse', 'main'), memory.base, 'only people move the base');
  for (const { ref, by } of await github.pushes())
    if (by === botLogin) assert.match(ref, new RegExp(`^refs/(heads|notes)/${branchPrefix}`));

  checkCommits(walk, before, pulls);
  checkDeclined(walk, before, pulls);
  for (const pull of pulls) {
    if (pull.state === 'open' || pull.merged !== undefined || pull.closedBy !== botLogin) continue;
    assert.equal(markerOf(pull.body)?.closed, true, `#${pull.number} says that the program closed it`);
  }
}

/** What people have committed is there, unless they asked for something else. */
function checkCommits({ fixture, memory }: Walk, before: Before, pulls: readonly PullView[]): void {
  const { git } = fixture.github;
  const asked = [...before.pulls, ...pulls].filter((it) => it.labels.includes(pullLabels.rebuild));
  for (const [branch, commits] of memory.commits) {
    const tip = git.branches().get(branch);
    const there = [...commits].every((commit) => tip !== undefined && git.contains(tip, commit));
    if (there) continue;
    assert.ok(
      asked.some(({ head }) => head === branch),
      `somebody's commit is gone from ${branch}`,
    );
    memory.commits.delete(branch);
  }
}

/** What people have closed stays closed, and stays what they closed. */
function checkDeclined({ memory }: Walk, before: Before, pulls: readonly PullView[]): void {
  const last = Math.max(0, ...before.pulls.map(({ number }) => number));
  for (const [number, { branch, digest }] of memory.declined) {
    const marker = markerOf(pulls.find((it) => it.number === number)?.body);
    if (marker?.closed && !before.declined.has(number)) {
      // Both closed it at the same time.
      memory.declined.delete(number);
      continue;
    }
    assert.equal(marker?.digest, digest, `#${number} is still what somebody declined`);
    if (!before.declined.has(number)) continue;
    const again = pulls.find((it) => it.number > last && it.head === branch && digestOf(it) === digest);
    assert.equal(again?.number, undefined, `#${number} was declined, and is proposed again`);
  }
}

/** What holds after a run that nothing went wrong with. */
export function checkSettled(walk: Walk, result: RunResult): void {
  const { fixture, memory } = walk;
  const base = bindingsIn(readOutput(walk, 'main'));
  const all = walk.open();
  const tips = fixture.github.git.branches();
  const wanted = wantedBindings(walk, result.asOf);
  const branches = new Set([...walk.branches(), ...result.proposals.map(({ branch }) => branch)]);
  for (const branch of branches) {
    const proposal = result.proposals.find((it) => it.branch === branch);
    const open = all.find(({ head }) => head === branch);
    const mine = (path: string) => path.startsWith(`output/${branch.slice(branchPrefix.length).replace('.', '/')}/`);
    const shall = onlyOf(wanted, mine);
    switch (proposal?.action) {
      case undefined:
      case 'none':
      case 'delete':
        assert.equal(open?.number, undefined, `${branch}: nothing is left to propose`);
        assert.deepEqual(onlyOf(base, mine), shall, `${branch}: the base is right`);
        // A branch that people have made is theirs.
        assert.ok(!tips.has(branch) || memory.commits.has(branch), `${branch}: the branch is gone`);
        break;
      case 'leave':
        assert.ok(memory.commits.has(branch), `${branch}: ${proposal.reason}`);
        assert.equal(open?.number, undefined, `${branch}: nothing is left to propose`);
        break;
      case 'create':
      case 'update':
      case 'up-to-date':
        checkProposed(walk, proposal, open, mine, shall);
        break;
      case 'declined': {
        const known = [...memory.declined.values()].some((it) => it.branch === branch && it.digest === proposal.digest);
        assert.ok(known, `${branch}: nobody has declined ${proposal.digest}`);
        assert.equal(open?.number, undefined);
        break;
      }
      case 'blocked': {
        const moved = open !== undefined && open.base !== 'main';
        assert.ok(moved || memory.commits.has(branch), `${branch}: ${proposal.reason}`);
        if (open !== undefined) assert.ok(open.labels.includes(pullLabels.blocked), `#${open.number} says so`);
        break;
      }
      default:
        assert.fail(`${branch}: ${proposal?.action}: ${proposal?.reason}`);
    }
  }
  const held = result.proposals.some(
    ({ action, removalsSince }) => action === 'blocked' || (action === 'declined' && removalsSince !== undefined),
  );
  assert.equal(result.exitCode, held ? 4 : 0);
}

/** One pull request, that makes the base right and touches nothing else. */
function checkProposed(
  walk: Walk,
  { branch, digest, pull }: Proposal,
  open: PullView | undefined,
  mine: (path: string) => boolean,
  shall: Bindings,
): void {
  const { git } = walk.fixture.github;
  assert.ok(open !== undefined, `${branch} has a pull request`);
  assert.equal(open.number, pull?.number);
  assert.equal(open.base, 'main');
  assert.equal(digestOf(open), digest, `#${open.number} names what it proposes`);
  const own = git.run(
    'log',
    '-1',
    // The other side of an "Update branch" may hold commits of ours that were rebased into the base.
    '--first-parent',
    '--format=%(trailers:key=Athenz-Gitops-Digest,valueonly)',
    '--author=athenz-gitops@',
    branch,
  );
  assert.equal(own.trim(), digest, `so does the commit on ${branch}`);
  const tree = git.mergeTrees('main', branch);
  assert.ok(tree !== undefined, `#${open.number} can be merged`);
  const merged = readOutput(walk, tree);
  assert.deepEqual(onlyOf(bindingsIn(merged), mine), shall, `#${open.number} makes the base right`);
  const changed = git.run('diff', '--name-only', 'main', tree).split('\n').filter(Boolean);
  assert.ok(changed.length > 0, `#${open.number} changes something`);
  assert.deepEqual(
    changed.filter((path) => !mine(path)),
    [],
    `#${open.number} touches nothing else`,
  );
}

type Bindings = Readonly<Record<string, readonly string[]>>;

function onlyOf(bindings: Bindings, mine: (path: string) => boolean): Bindings {
  return Object.fromEntries(Object.entries(bindings).filter(([id]) => mine(`output/${id}`)));
}

/** Who shall have what, as Athenz says it. */
function wantedBindings({ fixture }: Walk, at: string): Bindings {
  const { domains } = fixture.sandbox.state();
  return Object.fromEntries(
    clusters.flatMap((cluster) => {
      const text = fixture.github.git.run('show', `main:${inventoryOf(cluster)}`);
      return (JSON.parse(text) as readonly string[]).flatMap((namespace) =>
        roles.map((role) => {
          const members = domains[`acme.${cluster}.${namespace}`]?.roles[role]?.members ?? [];
          const names = members.filter(({ expires }) => expires === undefined || expires > at).map(({ name }) => name);
          return [`${cluster}/${namespace}/${role}`, names.sort()] as const;
        }),
      );
    }),
  );
}

function readOutput({ fixture }: Walk, tree: string): ReadonlyMap<string, string> {
  const { git } = fixture.github;
  // One git for all files: each line comes as `tree:path NUL text`.
  const lines = (git.ask('grep', '--null', '--no-color', '-e', '', tree, '--', 'output') ?? '').split('\n');
  const files = new Map<string, string>();
  for (const line of lines) {
    const [place = '', text] = line.split('\0');
    const path = place.slice(tree.length + 1);
    if (text !== undefined) files.set(path, `${files.get(path) ?? ''}${text}\n`);
  }
  return files;
}
