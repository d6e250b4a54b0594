import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { parseAllDocuments } from 'yaml';
import type { SandboxRole } from '../../src/sandbox/role-state.ts';
import type { SandboxDomain } from '../../src/sandbox/state.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { strangeNames } from '../support/hostile.ts';
import { assertHarmless, assertOwnMarkdown } from '../support/outside.ts';
import { gitEnv, refsOf } from '../support/repository.ts';

import type { RunResult } from '../support/result.ts';
import { isChaos, shareOf } from '../support/tier.ts';

const branch = 'athenz-gitops/main/prod';
const members = [...new Set([...strangeNames, ...strangeNames.map((name) => `user.${name}`)])];
/** Users and services are dotted names of valid Unicode; other members are not bindable. */
const isSubject = (name: string) => name.isWellFormed() && /^[^:*]+\.[^.:*]+$/su.test(name);
const subjects = members.filter(isSubject);
/** Domains with strange names that roles are delegated to; each name is a group's domain as well, by the same rule. */
const trusted = isChaos ? strangeNames : strangeNames.filter((_, index) => index % 12 === 0);
/** Namespaces whose roles are delegated to them. */
const delegating = trusted.map((_, index) => `delegating-${index}`);

/** Gives members, groups, roles and domains in Athenz strange names. */
function makeStrange({ sandbox }: Fixture): void {
  const named = <T>(make: (name: string, index: number) => T) =>
    Object.fromEntries(strangeNames.map((name, index) => [name, make(name, index)]));
  const one = (name: string) => [{ name }];
  const roleWith = (names: readonly string[]): SandboxRole => ({ members: names.map((name) => ({ name })) });
  const domain = (more: Partial<SandboxDomain>): SandboxDomain => ({
    enabled: true,
    roles: {},
    groups: {},
    assumes: [],
    ...more,
  });
  sandbox.update(() => ({
    domains: {
      // The domain list may contain any name.
      ...Object.fromEntries(strangeNames.filter((name) => name !== '').map((name) => [`${name}!`, domain({})])),
      'acme.org': domain({
        groups: { ...named((_, index) => one(`user.grouped-${index}`)), all: roleWith(members) },
      }),
      'acme.platform': domain({
        roles: named((name) => roleWith([`user.${name}`])),
        assumes: strangeNames.map((name) => ({ role: `acme.platform:role.${name}`, resource: '*:role.oncall' })),
      }),
      'acme.eks.search': domain({
        roles: {
          ...named(() => roleWith(['user.nobody'])),
          k8s_ns_admins: roleWith(members),
          k8s_ns_viewers: roleWith(['acme.org:group.all']),
          oncall: { members: [], trust: 'acme.platform' },
        },
      }),
      'acme.eks.checkout': domain({
        roles: {
          k8s_ns_admins: roleWith([...strangeNames.map((name) => `acme.org:group.${name}`), 'user.lena']),
          k8s_ns_viewers: roleWith([...strangeNames.map((name) => `${name}:group.x`), 'user.lena']),
        },
      }),
      ...Object.fromEntries(
        delegating.map((name, index) => [
          `acme.eks.${name}`,
          domain({ roles: { oncall: { members: [], trust: `${trusted[index]}` } } }),
        ]),
      ),
    },
  }));
}

async function openStrange(config: (text: string) => string = (text) => text): Promise<Fixture> {
  const fixture = await openFixture({ rendered: true, config: (text) => `${config(text)}members: {services: User}\n` });
  const documents = delegating.map((name) => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`);
  await fixture.commit({ 'clusters/prod/more.yaml': documents.join('') });
  return fixture;
}

test('strange names in Athenz are rendered exactly or dropped with a reason', async () => {
  await using fixture = await openStrange();
  await using folder = await makeFolder();
  const git = await recordingGit(folder.dir);
  const options = { env: { ...gitEnv, PATH: `${folder.dir}:${gitEnv['PATH']}` } };

  // The git commands for ordinary names.
  await fixture.expect(0, ['sync', '--quiet'], options);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.ada']);
  await fixture.expect(0, ['sync', '--quiet'], options);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.ada']);
  await fixture.expect(0, ['sync', '--quiet'], options);
  await fixture.expect(0, ['snapshot', '--quiet'], options);
  const ordinary = await git.takeCommands();
  assert.ok(ordinary.size > 5);

  makeStrange(fixture);
  const approval = await approvalFlags(fixture);
  const runs = [['plan'], ['plan', '--json'], ['snapshot', '--json'], ['snapshot'], ['sync'], ['sync', '--json']];
  for (const args of shareOf(runs, 0, 2)) {
    const removals = args[0] === 'snapshot' ? [] : approval;
    const { out, err } = await fixture.expect(0, [...args, ...removals, '--log-level', 'debug'], options);
    assertHarmless(out + err);
  }
  for (const command of await git.takeCommands()) assert.ok(ordinary.has(command), command);
  assertPaths(fixture);
  assert.deepEqual(refsOf(fixture.dir).replaceAll(/ \w+$/gm, '').split('\n'), [
    `refs/heads/${branch}`,
    'refs/heads/main',
    `refs/notes/${branch}`,
  ]);

  const files = fixture.git('diff', '-z', '--name-only', 'main', branch).split('\0').filter(Boolean);
  for (const path of files) assert.match(path, /^output\/prod\/[a-z0-9-]+\/rbac\.yaml$/);
  const search = subjectsIn(fixture.git('show', `${branch}:output/prod/search/rbac.yaml`));
  assert.deepEqual(search.get('k8s_ns_admins'), subjects.toSorted());
  assert.deepEqual(search.get('k8s_ns_viewers'), subjects.toSorted());
  assert.deepEqual(
    search.get('oncall'),
    strangeNames
      .map((name) => `user.${name}`)
      .filter(isSubject)
      .toSorted(),
  );
  const checkout = subjectsIn(fixture.git('show', `${branch}:output/prod/checkout/rbac.yaml`));
  const grouped = strangeNames.flatMap((name, index) =>
    name !== '' && name.isWellFormed() && !name.includes('*') ? [`user.grouped-${index}`] : [],
  );
  assert.deepEqual(checkout.get('k8s_ns_admins'), [...grouped, 'user.lena'].toSorted());
  assert.deepEqual(checkout.get('k8s_ns_viewers'), ['user.lena']);
  for (const name of delegating) {
    assert.deepEqual(subjectsIn(fixture.git('show', `${branch}:output/prod/${name}/rbac.yaml`)).get('oncall'), []);
  }

  const message = fixture.git('log', '-1', '--format=%B', branch);
  assertHarmless(message);
  const [title = '', ...lines] = message.split('\n');
  assert.match(title, /^athenz-gitops: prod: \d+ grants to add, \d+ to remove \(\d+ namespaces\)$/);
  for (const line of lines)
    assert.match(line, /^($|[!+~-] |… and \d+ more$|Athenz-Gitops-(Owner|Scope|Digest|Polled|Base|Let-Through): )/);
  assert.equal(fixture.git('log', '-1', '--format=%(trailers:only,unfold)', branch).trim().split('\n').length, 6);
  assertOwnMarkdown(fixture.git('notes', `--ref=refs/notes/${branch}`, 'show', branch).split('\n').slice(1).join('\n'));

  // Every member that is not bindable is reported.
  const { plan } = JSON.parse((await fixture.expect(0, ['plan', '--json', ...approval])).out) as RunResult;
  const dropped = plan.dropped.filter((it) => it.namespace === 'search' && it.role === 'k8s_ns_admins');
  const notBindable = members.filter((name) => !isSubject(name));
  assert.ok(notBindable.length > 20);
  assert.deepEqual(dropped.map((it) => it.dropped.member).sort(), notBindable.toSorted());
});

test('a snapshot with strange names renders the same bytes offline', async () => {
  await using fixture = await openStrange();
  makeStrange(fixture);
  const approval = await approvalFlags(fixture);
  await fixture.expect(0, ['snapshot', '--output', '../all.jsonl']);
  await fixture.expect(0, ['sync', ...approval]);
  await fixture.sandbox.close();
  await fixture.expect(0, ['render', '--snapshot', '../all.jsonl', ...approval]);
  fixture.git('add', 'output');
  assert.equal(fixture.git('write-tree'), fixture.git('show', '-s', '--format=%T', branch));
  await fixture.expect(0, ['render', '--check', '--snapshot', '../all.jsonl']);
});

test('groups and trusts of impossible domains grant nothing and are not requested', async () => {
  await using fixture = await openStrange((text) => text.replace('limits:', 'limits:\n  maxRemovedGrants: null'));
  const oncall = (role: (strange: string) => SandboxRole) =>
    fixture.sandbox.update(({ domains }) => ({
      domains: {
        ...domains,
        ...Object.fromEntries(
          delegating.map((name, index) => [`acme.eks.${name}`, { roles: { oncall: role(`${trusted[index]}`) } }]),
        ),
      },
    }));
  const ada = { name: 'user.ada' };
  oncall(() => ({ members: [ada, { name: 'user.bo' }] }));
  await fixture.expect(0, ['render']);
  const losses = async () => {
    const { plan } = JSON.parse((await fixture.expect(0, ['render', '--json'])).out) as RunResult;
    assert.deepEqual(plan.kept, []);
    return plan.changes.map((change) => ('subject' in change ? `${change.kind} ${change.subject.name}` : change.kind));
  };
  oncall((strange) => ({ members: [ada, { name: `${strange}:group.x` }] }));
  assert.deepEqual(await losses(), Array(delegating.length).fill('lose user.bo'));
  oncall((trust) => (trust === '' ? { members: [] } : { members: [], trust }));
  assert.deepEqual(await losses(), Array(delegating.length).fill('lose user.ada'));
  assertPaths(fixture);
});

/** All requests to ZMS have paths of valid names. */
function assertPaths({ sandbox }: Fixture): void {
  assert.ok(sandbox.requests.length > 0);
  for (const { path } of sandbox.requests) assert.match(path, /^\/zms\/v1(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/);
}

/** Subjects by Athenz role, as independent parsers of YAML 1.1 and 1.2 both read them. */
function subjectsIn(text: string): ReadonlyMap<string, readonly string[]> {
  type Manifest = {
    readonly metadata: { readonly annotations: object };
    readonly subjects?: { readonly name: string }[];
  };
  const old = loadAll(text, { schema: YAML11_SCHEMA });
  const documents = parseAllDocuments(text, { version: '1.2' });
  assert.deepEqual('empty' in documents ? [] : documents.map((document) => document.toJS()), old);
  return new Map(
    (old as Manifest[]).flatMap(({ metadata, subjects }) =>
      subjects === undefined
        ? []
        : [
            [
              String(Object.values(metadata.annotations)[0]).split(':role.')[1] ?? '',
              subjects.map(({ name }) => name).sort(),
            ],
          ],
    ),
  );
}

/** The flag that approves the held removals, if there are any. */
async function approvalFlags(fixture: Fixture): Promise<readonly string[]> {
  const { out } = await fixture.run(['plan', '--json']);
  const { plan } = JSON.parse(out) as RunResult;
  return plan.heldRemovals === undefined ? [] : ['--accept-removals', plan.heldRemovals];
}

/** A `git` that logs its arguments and runs the real one. */
async function recordingGit(dir: string) {
  const log = join(dir, 'log');
  const file = join(dir, 'git');
  await writeFile(file, `#!/bin/sh\nprintf '%s\\0' "$@" '' >> '${log}'\nPATH='${process.env['PATH']}' exec git "$@"\n`);
  await chmod(file, 0o755);
  return {
    /** The distinct commands since the last call, without object ids. */
    async takeCommands(): Promise<ReadonlySet<string>> {
      const text = await readFile(log, 'utf8');
      await writeFile(log, '');
      return new Set(text.split('\0\0').map((command) => command.replaceAll(/\b[0-9a-f]{40}\b/g, 'ID')));
    },
  };
}
