import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { findLookalikes } from '../../src/adopt/lookalikes.ts';
import type { AdoptionResult } from '../../src/adopt/result.ts';
import { renderAdoption, renderAdoptionSummary } from '../../src/adopt/text.ts';
import { toHeld } from '../../src/generators/rbac/result.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { bindingOf, type Live, planFrom, proposalFrom, roleOf, together, written } from '../support/adoption.ts';
import { assertGolden } from '../support/golden.ts';
import { strangeNames } from '../support/hostile.ts';
import { importSchema } from '../support/import-schema.ts';
import { adminRules, viewerRules } from '../support/rbac.ts';
import { absent, ended, granted, unknown } from '../support/roles.ts';

const domain = 'prod.{namespace}';
const rules = { admins: adminRules, viewers: viewerRules };

function resultOf(live: Live, access: readonly RoleAccess[], more: Partial<AdoptionResult> = {}): AdoptionResult {
  const { proposal, left, unproposed } = proposalFrom(live);
  const { bindings, held } = planFrom(live, proposal, access);
  return {
    format: 'athenz-gitops import 1',
    exitCode: 0,
    cluster: { cluster: 'prod', context: 'prod-admin', server: 'https://10.0.0.1:6443' },
    polledAt: '2026-11-21T02:57:00.000Z',
    zmsUrl: 'https://zms.example.com/zms/v1',
    requests: { cluster: 4, athenz: 7 },
    proposal,
    left,
    unproposed,
    lookalikes: [],
    bindings,
    held: held.map(toHeld),
    problems: [],
    files: [],
    ...more,
  };
}

const text = (result: AdoptionResult) => renderAdoption(result, { color: false });

const calm = written({ search: { admins: ['user.ada'], viewers: [] } }, rules, domain);
const agreed = [granted('prod/search/admins', ['user.ada']), granted('prod/search/viewers', [])];

/** A cluster with findings of every kind. */
function busy(): AdoptionResult {
  const live = together(
    written(
      {
        billing: { admins: ['user.ada', 'user.eve'], viewers: ['user.bob'] },
        search: { admins: ['user.cleo'], viewers: [] },
        shop: { admins: ['user.dara'], viewers: ['user.eli'] },
        victim: { admins: ['user.fay', 'user.mallory'], viewers: [] },
        'kube-system': { admins: ['user.ada'] },
      },
      rules,
      domain,
    ),
    written(
      { legacy: { viewers: ['user.gus'] } },
      { viewers: [{ ...adminRules[0], verbs: ['get'] }] as never },
      domain,
    ),
    {
      bindings: [
        bindingOf('legacy', 'prod.legacy:role.admins:members', ['user.ada'], {
          roleRef: { kind: 'ClusterRole', name: 'admin' },
        }),
        bindingOf('search', 'prod.search:role.viewers:members', ['ci/robot', 'sports.api']),
        bindingOf('search', 'prod.search:role.oncall:members', ['user.ada']),
        bindingOf('victim', 'prod.mallory.victim:role.admins:members', ['user.mallory']),
        bindingOf('shop', 'by-hand', ['user.ada']),
      ],
      roles: [roleOf('quiet', 'prod.quiet:role.admins', adminRules)],
    },
  );
  const access = [
    granted('prod/billing/admins', ['user.ada', 'user.new'], {
      paths: [{ group: 'acme.org:group.payments' }],
      dropped: [ended('expired', 'user.eve', '2026-01-31T10:00:00.000Z')],
    }),
    absent('prod/billing/viewers', 'role'),
    granted('prod/legacy/admins', ['user.ada']),
    granted('prod/legacy/viewers', ['user.gus']),
    granted('prod/quiet/admins', ['user.hal']),
    granted('prod/quiet/viewers', []),
    granted('prod/search/admins', ['user.cleo']),
    granted('prod/search/viewers', []),
    unknown('prod/shop/admins'),
    unknown('prod/shop/viewers'),
    granted('prod/victim/admins', ['user.fay']),
    granted('prod/victim/viewers', []),
  ];
  const problem = { code: 'CLUSTER_FORBIDDEN', message: 'listing the Roles in vault of cluster prod: 403' } as const;
  const result = resultOf(live, access, { exitCode: 3, problems: [{ namespace: 'vault', problem }] });
  const list = ['prod.victim', 'prod.mallory.victim', 'prod2.search'].map((name) => ({
    name,
    modified: '',
    enabled: true,
  }));
  return { ...result, lookalikes: findLookalikes(result.proposal, list) };
}

/** Update with: UPDATE_GOLDEN=1 node --test test/report/adoption.test.ts */
for (const [what, file, shown] of [
  ['a cluster with every kind of finding', 'adoption.txt', text(busy())],
  ['a cluster that matches Athenz', 'adoption-calm.txt', text(resultOf(calm, agreed))],
  ['the step summary', 'adoption-summary.md', renderAdoptionSummary(busy(), 100_000)],
] as const) {
  test(`${what} matches ${file}`, () => assertGolden(file, shown));
}

test('the published schema accepts a full result and rejects invalid ones', async () => {
  const published = new URL('../../schemas/import-result.schema.json', import.meta.url);
  const validate = new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(published, 'utf8')));
  const asPrinted = (result: object): unknown => JSON.parse(JSON.stringify(result));
  const result = busy();
  assert.ok(result.left.length > 5 && result.unproposed.length > 0 && result.bindings.some((it) => it.unknown));
  assert.ok(validate(asPrinted(result)), JSON.stringify(validate.errors));
  importSchema.parse(asPrinted(result));
  for (const [what, invalid] of [
    ['without bindings', { ...result, bindings: undefined }],
    ['of another format', { ...result, format: 'athenz-gitops run 1' }],
    ['with an unknown reason', { ...result, left: [{ ...result.left[0], reason: { kind: 'why' } }] }],
    ['with a path instead of a file', { ...result, files: ['athenz-gitops.yaml'] }],
    ['with a role without rules', { ...result, proposal: { ...result.proposal, roles: [{ athenzRole: 'a' }] } }],
  ] as const) {
    assert.equal(validate(asPrinted(invalid)), false, what);
  }
});

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** A cluster with this name in every place that shows one. */
function named(name: string): AdoptionResult {
  const live = together(calm, written({ quiet: { admins: [] } }, rules, domain), {
    bindings: [
      bindingOf('shop', name, [name]),
      bindingOf('search', 'prod.search:role.admins:members', [name], { roleRef: { kind: 'ClusterRole', name } }),
    ],
    roles: [
      roleOf('web', 'prod.web:role.admins', [
        { apiGroups: [name], resources: [name], verbs: [name], resourceNames: [name] },
      ]),
    ],
  });
  const result = resultOf(live, [
    ...agreed,
    absent('prod/web/admins'),
    granted('prod/quiet/admins', [name.toWellFormed()]),
  ]);
  const problem = { code: 'CLUSTER_FORBIDDEN', message: name, next: name } as const;
  return {
    ...result,
    cluster: { cluster: 'prod', context: name, server: name },
    problems: [{ namespace: name, problem }],
  };
}

test('a name cannot break the terminal output or the summary', () => {
  const linesOf = (name: string) => text(named(name)).split('\n').length;
  for (const name of strangeNames.filter((it) => it !== '')) {
    const shown = text(named(name));
    const alike = /^user\.[a-z0-9_-]+$/.test(name) ? 'user.plain' : 'plain';
    assert.equal(linesOf(name), linesOf(alike), JSON.stringify(name));
    for (const line of shown.split('\n')) assert.doesNotMatch(line, hidden);
    const summary = renderAdoptionSummary(named(name), 1_000_000);
    assert.equal(summary.split('```').length, 3, JSON.stringify(name));
  }
});

test('shows the most urgent sections first', () => {
  const titles = text(busy())
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  assert.deepEqual(
    titles.slice(0, 3).map((it) => it.split(' ')[0]),
    ['Orphaned', 'Domains', 'Not'],
  );
});

test('a summary over the size limit says so and keeps the totals', () => {
  const summary = renderAdoptionSummary(busy(), 500);
  assert.ok(Buffer.byteLength(summary) <= 500);
  assert.match(summary, /2 gain access, 5 lose it.*too long to show/s);
});

test('a reason shared by many bindings is shown once', () => {
  const many = Array.from({ length: 300 }, (_, index) => bindingOf(`n${index}`, 'mine', ['user.ada']));
  const shown = text(resultOf(together(calm, { bindings: many }), agreed));
  assert.equal(shown.split('name does not match <domain>:role.<role>').length, 2);
  assert.match(shown, /… and 290 more/);
});
