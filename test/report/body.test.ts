import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../../src/core/scope.ts';
import type { AccessChange, HeldAccess } from '../../src/model/access.ts';
import { approvalsOf } from '../../src/report/approval.ts';
import { bodyLimit } from '../../src/report/markdown.ts';
import { anyText } from '../support/hostile.ts';
import { bodyOf, bodyFacts as facts, heldOf, scopeWith } from '../support/proposal.ts';
import { isChaos } from '../support/tier.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

type Naming = (index: number) => string;
const short: Naming = (index) => `user.n${index}`;
const long: Naming = (index) => `@${index}|${'\u202e`<'.repeat(80)}`;

function place(index: number, perNamespace: number) {
  const role = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;
  return {
    cluster: 'prod',
    namespace: `ns-${Math.floor(index / perNamespace)}`,
    role: 'k8s_ns_viewers',
    permission: role,
  };
}

function gains(amount: number, name: Naming = short, perNamespace = 7): AccessChange[] {
  return Array.from({ length: amount }, (_, index) => ({
    ...place(index, perNamespace),
    kind: 'gain',
    subject: { kind: 'User', name: name(index) },
    paths: [{ group: `acme.org:group.g${index % 3}` }],
  }));
}

function losses(amount: number, name: Naming = short, perNamespace = 7): AccessChange[] {
  return Array.from({ length: amount }, (_, index) => ({
    ...place(index, perNamespace),
    kind: 'lose',
    subject: { kind: 'User', name: name(index) },
    reason: 'not-a-member',
    proven: false,
  }));
}

/** Parses the metadata in the last line; fails if the body does not end with it. */
function metadataOf(body: string): unknown {
  const [, comment = ''] = /\n<!-- athenz-gitops v1 (\{[^\n]*\}) -->\n$/.exec(body) ?? [];
  assert.ok(!comment.includes('--'), 'the metadata must not end the comment');
  const { text, ...facts } = JSON.parse(comment);
  assert.match(text, /^[0-9a-f]{16}$/);
  return facts;
}

function renderChecked(scope: Scope<AccessChange>): string {
  const body = bodyOf(scope);
  assert.ok(body.length <= bodyLimit, `${body.length} is too long`);
  assert.ok(body.isWellFormed(), 'a character was cut in two');
  const { owner, base, asOf: polled } = facts;
  assert.deepEqual(metadataOf(body), { scope: 'prod', owner, base, digest: scope.digest, polled });
  assert.equal(body.split('<details>').length, body.split('</details>').length, 'a <details> is not closed');
  return body;
}

for (const [naming, name, amounts] of [
  ['short', short, isChaos ? [0, 1, 40, 700, 5000, 50_000] : [0, 1, 40, 700, 5000]],
  ['long hostile', long, isChaos ? [1, 40, 700, 3000] : [1, 40, 300]],
] as const) {
  for (const amount of amounts) {
    test(`a body of ${amount} gains and losses with ${naming} names fits the limit`, () => {
      const body = renderChecked(scopeWith([...gains(amount, name), ...losses(amount, name)]));
      if (amount > 0) assert.match(body, new RegExp(`^\\*\\*.*\\*\\* ${amount} grants? added, ${amount} removed`));
    });
  }
}

for (const amount of isChaos ? [1, 400] : [1, 60]) {
  test(`a body with ${amount} long entries in every list fits the limit`, () => {
    const entries = <T>(make: (text: string) => T): readonly T[] =>
      Array.from({ length: amount }, (_, i) => make(long(i)));
    const where = { cluster: 'prod', namespace: 'payments', role: 'oncall' };
    const problem = (message: string) => ({ code: 'ZMS_UNAVAILABLE' as const, message });
    const subject = (name: string) => ({ kind: 'User' as const, name });
    renderChecked(
      scopeWith(losses(amount, long, 1), {
        files: entries((path) => ({ ...where, path, before: '0' })),
        kept: entries((text) => ({ ...where, problem: problem(text) })),
        held: entries((message) => ({ ...where, code: 'LIMIT_SUBJECTS', message, next: 'look', losses: [] })),
        dropped: entries((member) => ({ ...where, dropped: { member, reason: 'wildcard', path: {} } })),
        expiring: entries((name) => ({
          ...where,
          grant: { subject: subject(name), member: name, paths: [{}], expires: facts.asOf },
        })),
      }),
    );
  });
}

test('names every subject if the body fits', () => {
  const body = renderChecked(scopeWith([...gains(300), ...losses(300)]));
  for (let index = 0; index < 300; index++) assert.equal(body.split(new RegExp(`user\\.n${index}\\b`)).length - 1, 2);
});

for (const amount of isChaos ? [3000, 20_000] : [3000]) {
  test(`names subjects who lose access even with ${amount} gains`, () => {
    const last = losses(40, (index) => `user.lost${index}`).map((change) => ({ ...change, namespace: 'zz' }));
    const body = renderChecked(scopeWith([...gains(amount, short, 1), ...last]));
    for (let index = 0; index < 40; index++) assert.match(body, new RegExp(`user\\.lost${index}\\b`));
  });
}

test('shows a roleRef change even with thousands of gains', () => {
  const change: AccessChange = {
    kind: 'permission',
    cluster: 'prod',
    namespace: 'zz',
    role: 'oncall',
    subjects: 4,
    before: { roleRef: { kind: 'ClusterRole', name: 'view' } },
    after: { roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } },
  };
  assert.match(renderChecked(scopeWith([...gains(9000, short, 1), change])), /ClusterRole cluster-admin instead of/);
});

test('counts omitted subjects and omitted rows', () => {
  const body = renderChecked(scopeWith(gains(3000, long)));
  assert.match(body, /\n\| ➕ \| ns-0 \| `k8s_ns_viewers` \(ClusterRole view\) \| 7 subjects \| +\|\n/);
  assert.match(body, /\n… and \d+ more rows: see the files\.\n/);
});

test('a body fits for every number of changes around the limit', () => {
  const all = losses(2000, short, 1);
  const lengthOf = (amount: number) => renderChecked(scopeWith(all.slice(0, amount))).length;
  const isCut = (amount: number) => renderChecked(scopeWith(all.slice(0, amount))).includes('more rows: see the files');
  let [whole, cut] = [1, all.length];
  assert.deepEqual([isCut(whole), isCut(cut)], [false, true]);
  while (cut - whole > 1) {
    const middle = Math.floor((whole + cut) / 2);
    if (isCut(middle)) cut = middle;
    else whole = middle;
  }
  const lengths = Array.from({ length: isChaos ? 400 : 16 }, (_, index) => lengthOf(cut - 8 + index));
  assert.ok(Math.max(...lengths) > bodyLimit - 200, 'no body came close to the limit');
});

for (const base of ['main', 'release--1', 'a---b', '-->', 'a"b\\c', 'é\u2028🙂']) {
  test(`the metadata comment contains the base branch ${JSON.stringify(base)}`, () => {
    const body = bodyOf(scopeWith([], { digest }), { ...facts, base });
    assert.deepEqual(metadataOf(body), { scope: 'prod', owner: facts.owner, base, digest, polled: facts.asOf });
  });
}

test('the metadata can be parsed for any base branch name', () => {
  fc.assert(
    fc.property(anyText, (base) => {
      const body = bodyOf(scopeWith([], { digest }), { ...facts, base });
      const expected = { scope: 'prod', owner: facts.owner, base, digest, polled: facts.asOf };
      assert.deepEqual(metadataOf(body), JSON.parse(JSON.stringify(expected)));
    }),
  );
});

const where = { cluster: 'prod', namespace: 'payments', code: 'LIMIT_ADDED_GRANTS', message: 'm', next: 'n' } as const;
const heldLosses = { ...where, losses: losses(12, short, 12).filter((change) => change.kind === 'lose') };
const heldGains = { ...where, losses: [], gains: gains(12, short, 12).filter((change) => change.kind === 'gain') };
const digests = { heldRemovals: '0123456789abcdef', heldAdditions: 'fedcba9876543210' };
const approvable = (held: readonly HeldAccess[]) => approvalsOf({ held: held.map(heldOf), ...digests });

for (const [what, held, row, flag, otherFlag] of [
  [
    'removals',
    heldLosses,
    '➖ .* no longer a member in Athenz',
    'accept-removals 0123456789abcdef',
    'accept-additions',
  ],
  ['additions', heldGains, '➕ .* through group', 'accept-additions fedcba9876543210', 'accept-removals'],
] as const) {
  const scope = scopeWith([], { held: [held] });
  const withDigest = { ...facts, approvals: approvable([held]) };

  test(`held ${what} show everybody with role and reason, and only the flag that approves them`, () => {
    const body = bodyOf(scope, withDigest);
    assert.match(
      body,
      new RegExp(`the 12 held ${what}, .*\\\`athenz-gitops sync --${flag}\\\`\\. .*\\\`athenz-gitops plan\\\``),
    );
    const rows = body.split('\n').filter((line) => new RegExp(row).test(line) && line.includes('k8s_ns_viewers'));
    const shown = rows.flatMap((line) => line.split('|')[4]?.trim().split(', ') ?? []);
    const all = [...held.losses, ...('gains' in held ? held.gains : [])].map(({ subject }) => subject.name);
    assert.deepEqual(shown.sort(), all.sort());
    assert.ok(!body.includes(otherFlag));
    assert.ok(!bodyOf(scope).includes('--accept'), 'a flag is shown without a digest');
    const withoutChanges = { ...where, losses: [] };
    assert.ok(!bodyOf(scopeWith([], { held: [withoutChanges] }), withDigest).includes('--accept'));
  });

  test(`a body says how many of the held ${what} are of other scopes, and where all are listed`, () => {
    const elsewhere = { ...held, cluster: 'dev' };
    const approvals = approvable([held, elsewhere]);
    const body = bodyOf(scope, { ...facts, approvals, workflow: true, list: 'the run below' });
    assert.match(body, new RegExp(`the 24 held ${what} of this run \\(12 of them here\\)`));
    assert.match(body, new RegExp(`with the input \`${flag.split(' ')[0]}\` set to`));
    assert.match(body, /`athenz-gitops plan` prints it, and so does the run below\./);
  });
}

test('additions that exceed maxSubjects offer no flag: nobody can approve them', () => {
  const held = [{ ...heldGains, code: 'LIMIT_SUBJECTS' as const }];
  const body = bodyOf(scopeWith([], { held }), { ...facts, approvals: approvable(held) });
  assert.match(body, /user\.n0/);
  assert.ok(!body.includes('accept-'));
});

test('a body too small for everybody who is held names the command that lists all', () => {
  const amount = isChaos ? 2000 : 500;
  const many = losses(amount, long, 1).filter((change) => change.kind === 'lose');
  const held = many.map((loss) => ({ ...where, namespace: loss.namespace, losses: [loss] }));
  const body = bodyOf(scopeWith([], { held }), { ...facts, approvals: approvable(held) });
  assert.ok(body.length <= bodyLimit);
  assert.match(body, /more rows: `athenz-gitops plan` lists all\./);
  assert.match(body, new RegExp(`the ${amount} held removals, .*\`athenz-gitops plan\` prints it`));
});

test('one cause is one line, whatever number of namespaces it holds', () => {
  const held = losses(126, short, 7).flatMap((loss) =>
    loss.kind === 'lose' ? [{ ...where, namespace: loss.namespace, message: 'too many removals', losses: [loss] }] : [],
  );
  const files = ['a', 'b', 'c'].map((name) => ({
    ...where,
    code: 'OUTPUT_FOREIGN' as const,
    message: name,
    losses: [],
  }));
  const body = bodyOf(scopeWith([], { held: [...held, ...files] }));
  assert.equal(body.match(/too many removals/g)?.length, 1);
  assert.match(body, /<summary>✋ Held: 126 removals, 3 other problems<\/summary>/);
  assert.match(
    body,
    /\n3 files were not written by athenz-gitops \(OUTPUT_FOREIGN\)\. For each: n\.\n\n- payments: a\n- payments: b\n- payments: c\n/,
  );
});

test('a body without access changes says so', () => {
  const files = [{ cluster: 'prod', namespace: 'web', path: 'output/prod/web/rbac.yaml' }];
  const body = renderChecked(scopeWith([], { files }));
  assert.match(body, /^\*\*Merging this changes nobody's access\.\*\* 1 file of `prod` is re-rendered\.\n/);
  assert.match(renderChecked(scopeWith([], { files: [...files, ...files] })), /2 files of `prod` are re-rendered\./);
  assert.doesNotMatch(body, /\| --- \|/, 'an empty table is shown');
});
