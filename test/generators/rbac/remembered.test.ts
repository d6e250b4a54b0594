import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPlanContext } from '../../../src/generators/rbac/context.ts';
import { desiredNamespace } from '../../../src/generators/rbac/desired.ts';
import { openDocuments } from '../../../src/generators/rbac/documents.ts';
import { holds, type Now, type Remembered, toRecalled, toRemembered } from '../../../src/generators/rbac/remembered.ts';
import { createResolver } from '../../../src/generators/rbac/resolve.ts';
import { compileTemplate } from '../../../src/generators/rbac/template.ts';
import { compileLayout } from '../../../src/model/layout.ts';
import type { DomainRead } from '../../../src/model/snapshot.ts';
import { trials } from '../../support/properties.ts';
import { company, namespaces, readsOf } from '../../support/random-company.ts';
import { at, resolverOptions } from '../../support/resolve.ts';

const roles = ['admins', 'viewers'];
const config = resolverOptions(
  { prod: { domain: 'd.{namespace}', namespaces, roles } },
  { members: { services: 'User' } },
);
const path = 'output/{cluster}/{namespace}/rbac.yaml';
const template = compileTemplate('role.yaml', '');
const context = createPlanContext({
  config: {
    ...config.config,
    names: 'portable',
    output: { path, templates: null, keep: [] },
    limits: {
      maxRemovedGrants: { percent: 100, floor: 0 },
      maxAddedGrants: { percent: 100, floor: 0 },
      neverEmpty: [],
      maxSubjects: 1000,
    },
  },
  layout: compileLayout(path),
  render: { names: 'portable', templates: { role: template, binding: template } },
  objectFormat: 'sha1',
});

type Reads = ReadonlyMap<string, DomainRead>;

/** As the reads of a server that stamps each document by what it says. */
function stamped(reads: Reads): Map<string, DomainRead> {
  return new Map(
    [...reads].map(([name, read]): [string, DomainRead] => {
      if (read.kind !== 'value') return [name, read];
      return [name, { kind: 'value', value: { ...read.value, modified: JSON.stringify(read.value) } }];
    }),
  );
}

/** What a run knows: a domain is in the list unless it is absent. */
function nowOf(reads: Reads, instant: number): Now {
  const stampOf = (domain: string) => {
    const read = reads.get(domain);
    if (read === undefined || read.kind === 'absent') return undefined;
    return read.kind === 'value' ? read.value.modified : 'unread';
  };
  return { stampOf, at: instant };
}

async function make(reads: Reads, namespace: string, instant: number, now = nowOf(reads, instant)) {
  const read = async (domain: string): Promise<DomainRead> => reads.get(domain) ?? { kind: 'absent', confirmed: false };
  const documents = openDocuments({ read, prepare: async () => {} }, { userDomain: 'user', ahead: 0, keepAll: false });
  const { lookup } = await documents.around(`d.${namespace}`, new Set(roles));
  const asked = new Set<string>();
  const access = createResolver({ ...config, at: new Date(instant) }).resolve('prod', namespace, (name) => {
    asked.add(name);
    return lookup(name);
  });
  const desired = desiredNamespace(context, access, instant);
  const names = [...asked];
  return { desired, names, remembered: toRemembered(desired, access, { names, lookup }, now, 'sha1') };
}

/** A time at which memberships of a random company end, or a remark on them begins, or one beside it. */
const instants = fc
  .tuple(
    fc.constantFrom(0, -30 * 86_400_000),
    fc.constantFrom(-86_400_000, -1, 0, 1, 86_400_000),
    fc.constantFrom(-1, 0, 1),
  )
  .map((offsets) => offsets.reduce((sum, it) => sum + it, at.getTime()));

/** The domains of two companies, each taken from one of them. */
function mix(one: Reads, other: Reads, fromOther: readonly string[]): Reads {
  return new Map([...one].map(([name, read]) => [name, fromOther.includes(name) ? (other.get(name) ?? read) : read]));
}

test('whatever changes, a namespace that is recalled is as it would be made now', async () => {
  const seen = { recalled: 0, made: 0, later: 0 };
  const changed = fc.subarray(['d.a', 'd.b', 'd.a-b', 'd.a.b', 'org', 'far'], { maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(company, company, changed, instants, instants, async (before, after, names, earlier, later) => {
      const was = stamped(readsOf(before));
      const is = mix(was, stamped(readsOf(after)), names);
      for (const namespace of namespaces) {
        const { remembered } = await make(was, namespace, earlier);
        assert.ok(remembered);
        // As it is read back.
        const stored = JSON.parse(JSON.stringify(remembered)) as Remembered;
        if (!holds(stored, nowOf(is, later))) {
          seen.made++;
          continue;
        }
        seen.recalled++;
        if (later !== earlier) seen.later++;
        const { desired } = await make(is, namespace, later);
        const { files, weight, notes = {}, unconfirmed } = toRecalled(desired.unit, stored);
        assert.deepEqual(
          files.map((file) => [file.path, file.oids[0]]),
          desired.files.map((file) => [file.path, file.rendered?.oid]),
        );
        const { dropped = [], skippedMembers = [], expiring = [] } = notes as NonNullable<typeof desired.notes>;
        assert.deepEqual({ dropped, skippedMembers, expiring }, desired.notes);
        assert.deepEqual([weight, unconfirmed], [desired.weight, desired.unconfirmed]);
      }
    }),
    { numRuns: trials(400) },
  );
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 50, `${what}: ${times}`);
});

test('a namespace whose sources are as they were is recalled, at any time until one changes by itself', async () => {
  await fc.assert(
    fc.asyncProperty(company, instants, async (domains, instant) => {
      const reads = stamped(readsOf(domains));
      const { remembered } = await make(reads, 'a', instant);
      assert.ok(remembered && holds(remembered, nowOf(reads, instant)));
      if (remembered.until !== undefined) assert.ok(holds(remembered, nowOf(reads, remembered.until - 1)));
      if (remembered.until !== undefined) assert.ok(!holds(remembered, nowOf(reads, remembered.until)));
      assert.ok(!holds(remembered, nowOf(reads, instant - 1)), 'a clock that was set back');
    }),
    { numRuns: trials(100) },
  );
});

test('nothing that depends on an unread domain is remembered', async () => {
  const problem = { code: 'ZMS_UNREACHABLE', message: 'reading' } as const;
  await fc.assert(
    fc.asyncProperty(company, fc.constantFrom('d.a', 'org', 'far'), async (domains, unread) => {
      const reads = stamped(readsOf(domains)).set(unread, { kind: 'unknown', problem });
      const { remembered, names } = await make(reads, 'a', at.getTime());
      assert.equal(remembered === undefined, names.includes(unread));
    }),
    { numRuns: trials(100) },
  );
});

test('nothing that depends on a document newer than the list is remembered', async () => {
  await fc.assert(
    fc.asyncProperty(company, fc.constantFrom('d.a', 'org', 'far'), async (domains, newer) => {
      const reads = stamped(readsOf(domains));
      const now = nowOf(reads, at.getTime());
      const lagging = {
        ...now,
        stampOf: (name: string) => (name === newer && now.stampOf(name) ? 'older' : now.stampOf(name)),
      };
      const { remembered, names } = await make(reads, 'a', at.getTime(), lagging);
      assert.equal(remembered === undefined, names.includes(newer) && reads.get(newer)?.kind === 'value');
    }),
    { numRuns: trials(100) },
  );
});
