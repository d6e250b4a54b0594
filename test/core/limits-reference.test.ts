import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Limits } from '../../src/core/budget.ts';
import type { Accepted, ApprovalKind, Change, Held } from '../../src/core/change.ts';
import type { ClusterDecisions } from '../../src/core/clusters.ts';
import type { Decision, EmptiedPart } from '../../src/core/decision.ts';
import { askLimits, type Limited } from '../../src/core/limits.ts';
import type { Share } from '../../src/model/share.ts';
import { trials } from '../support/properties.ts';

/** A member of a part: it stays, comes, goes, or goes with a proof. `what` it has matters to who approves it. */
interface Fact {
  readonly cluster: string;
  readonly namespace: string;
  /** `cluster/namespace`. */
  readonly unit: string;
  /** `cluster/namespace/part`. */
  readonly part: string;
  readonly id: string;
  readonly state: 'stay' | 'add' | 'remove' | 'proven';
  readonly weight: number;
  readonly what: number;
  /** The part must not be left with nothing. */
  readonly guarded: boolean;
  /** The whole unit is held for another reason. */
  readonly foreign: boolean;
  /** Its parts can neither be too large nor empty, as those of a unit that is orphaned. */
  readonly bare: boolean;
}

interface World {
  readonly facts: readonly Fact[];
  /** By cluster: what units without a difference weigh. */
  readonly elsewhere: ReadonlyMap<string, number>;
  readonly removed: Share | null;
  readonly added: Share | null;
  /** Members of a part at most. */
  readonly most: number;
}

const rare = fc.nat(5).map((it) => it === 0);
const share = fc.option(fc.record({ percent: fc.constantFrom(0, 0, 25, 100), floor: fc.nat(8) }), { freq: 4 });
const member = fc.record({
  state: fc.constantFrom<Fact['state']>('stay', 'add', 'add', 'remove', 'remove', 'proven'),
  weight: fc.constantFrom(1, 1, 1, 2, 0),
  what: fc.nat(1),
});
const part = fc.record({ guarded: fc.boolean(), members: fc.array(member, { maxLength: 3 }) });
const unit = fc.record({ foreign: rare, bare: rare, parts: fc.array(part, { minLength: 1, maxLength: 3 }) });
const cluster = fc.record({ elsewhere: fc.nat(10), units: fc.array(unit, { maxLength: 3 }) });

const anyWorld: fc.Arbitrary<World> = fc
  .record({
    removed: share,
    added: share,
    most: fc.constantFrom(1, 2, 2, 3, 100),
    clusters: fc.array(cluster, { minLength: 1, maxLength: 2 }),
  })
  .map(({ removed, added, most, clusters }) => {
    const facts = clusters.flatMap(({ units }, c) =>
      units.flatMap(({ foreign, bare, parts }, u) =>
        parts.flatMap(({ guarded, members }, p) =>
          members.map((it, m): Fact => {
            const place = { cluster: `c${c}`, namespace: `n${u}`, unit: `c${c}/n${u}`, part: `c${c}/n${u}/p${p}` };
            return { ...place, ...it, id: `${it.state} c${c}/n${u}/p${p}/m${m}`, guarded, foreign, bare };
          }),
        ),
      ),
    );
    const elsewhere = new Map(clusters.map((it, c) => [`c${c}`, it.elsewhere]));
    return { facts, elsewhere, removed, added, most };
  });

/** What a later run may find: some of it is merged, or is about something else, and the limits are others. */
interface Later extends Pick<World, 'removed' | 'added'> {
  readonly merged: readonly boolean[];
  readonly other: readonly boolean[];
}

const anyLater: fc.Arbitrary<Later> = fc.record({
  merged: fc.array(rare, { minLength: 1, maxLength: 7 }),
  other: fc.array(rare, { minLength: 1, maxLength: 7 }),
  removed: share,
  added: share,
});

function laterThan(world: World, { merged, other, removed, added }: Later): World {
  const facts = world.facts.flatMap((it, index): readonly Fact[] => {
    if (merged[index % merged.length] === true && it.state !== 'stay') return [];
    return [other[index % other.length] === true ? { ...it, what: it.what + 2 } : it];
  });
  return { ...world, facts, removed, added };
}

// The world as the core has it: unit by unit.

function decisionsOf({ facts, elsewhere, most }: World): readonly ClusterDecisions<Fact>[] {
  return [...elsewhere].map(([name, unchangedWeight]) => {
    const own = [...Map.groupBy(facts, (it) => it.unit).values()].filter(([first]) => first?.cluster === name);
    const decisions = own.map((some) => decisionOf(some, most));
    const weightBefore = decisions.reduce((sum, { weight }) => sum + weight, unchangedWeight);
    return { cluster: name, decisions, units: decisions.length, unchangedWeight, weightBefore };
  });
}

function decisionOf(facts: readonly Fact[], most: number): Decision<Fact> {
  const [first] = facts;
  assert.ok(first !== undefined);
  const place = { cluster: first.cluster, namespace: first.namespace };
  const parts = [...Map.groupBy(facts, (it) => it.part)];
  const sizeWith = (some: readonly Fact[], held: ReadonlySet<string>) =>
    some.filter(({ state, id }) => state === 'stay' || (state === 'add') !== held.has(id)).length;
  const isOpen = (held: ReadonlySet<string>, state: Fact['state']) => (it: Fact) =>
    it.state === state && !held.has(it.id);
  const held: Held<never> = { ...place, code: 'OUTPUT_FOREIGN', message: '', next: '', changes: [] };
  return {
    unit: place,
    removals: facts.filter(({ state }) => state === 'remove').map(changeOf),
    additions: () => facts.filter(({ state }) => state === 'add').map(changeOf),
    weight: facts.reduce((sum, { state, weight }) => sum + (state === 'add' ? 0 : weight), 0),
    kept: [],
    ...(first.foreign ? { held } : {}),
    ...(first.bare
      ? {}
      : {
          tooLarge: (back) =>
            parts.flatMap(([name, some]): readonly Held<Fact>[] => {
              const adding = some.filter(isOpen(back, 'add'));
              if (adding.length === 0 || sizeWith(some, back) <= most) return [];
              return [{ ...place, code: 'LIMIT_SUBJECTS', message: name, next: '', changes: adding.map(changeOf) }];
            }),
          emptied: (back) =>
            parts.flatMap(([name, some]): readonly EmptiedPart[] => {
              const changes = some.filter(isOpen(back, 'remove')).map(({ id }) => id);
              if (changes.length === 0 || sizeWith(some, back) > 0) return [];
              const { guarded } = some[0] ?? first;
              const words = { code: 'LIMIT_NEVER_EMPTY', message: name, next: '' } as const;
              return [{ ...place, part: name, protected: guarded, ...words, changes }];
            }),
        }),
    settle: () => ({ kind: 'stuck', held: [] }),
  };
}

function changeOf(detail: Fact): Change<Fact> {
  const { cluster, namespace, id, weight, state } = detail;
  return {
    cluster,
    namespace,
    id,
    weight,
    detail,
    effect: state === 'add' ? 'add' : 'remove',
    proven: state === 'proven',
  };
}

function limitsOf({ removed, added }: World): Limits<Fact> {
  return {
    removed: { code: 'LIMIT_REMOVED_GRANTS', setting: 'maxRemovedGrants', noun: 'grant', share: removed },
    added: { code: 'LIMIT_ADDED_GRANTS', setting: 'maxAddedGrants', noun: 'grant', share: added },
    approvalOf: ({ id, detail }) => [id, detail.what],
  };
}

// The reference: one list of everything. What is approved is named by all that it is about, where the core has a digest.

interface Verdict {
  readonly held: readonly string[];
  readonly back: readonly string[];
  readonly approved: readonly (readonly [kind: ApprovalKind, unit: string, changes: number, name: string])[];
  readonly unmatched: readonly ApprovalKind[];
  /** Of what is held and can be approved. */
  readonly names: { readonly [K in ApprovalKind]?: string };
}

interface Agreed {
  readonly now: { readonly [K in ApprovalKind]?: string };
  readonly before: ReadonlySet<string>;
}

/** One thing that is held, as text. */
function tell(code: string, unit: string, why: string, ids: readonly string[], emptied: readonly string[]): string {
  return JSON.stringify([code, unit, why, ids.toSorted(), emptied.toSorted()]);
}

function judge({ facts, elsewhere, removed, added: addedLimit, most }: World, { now, before }: Agreed): Verdict {
  const back = new Set<string>();
  const held: string[] = [];
  const approved: Verdict['approved'][number][] = [];
  const unmatched: ApprovalKind[] = [];
  const names: { [K in ApprovalKind]?: string } = {};
  const open = facts.filter(({ foreign }) => !foreign);
  const parts = [...new Set(open.filter(({ bare }) => !bare).map((it) => it.part))];

  const sizeOf = (name: string, out: ReadonlySet<string> = back) => {
    let size = 0;
    for (const it of facts) {
      if (it.part !== name) continue;
      if (it.state === 'stay') size++;
      if (it.state === 'add' && !out.has(it.id)) size++;
      if ((it.state === 'remove' || it.state === 'proven') && out.has(it.id)) size++;
    }
    return size;
  };

  const holdTooLarge = () => {
    for (const name of parts) {
      const adding = open.filter((it) => it.part === name && it.state === 'add' && !back.has(it.id));
      if (adding.length === 0 || sizeOf(name) <= most) continue;
      const ids = adding.map(({ id }) => id);
      held.push(tell('LIMIT_SUBJECTS', adding[0]?.unit ?? '', name, ids, []));
      for (const id of ids) back.add(id);
    }
  };

  /** Additions that are not held because they are approved. */
  const letIn = new Set<string>();

  const holdTooMany = (kind: ApprovalKind) => {
    const state = kind === 'additions' ? 'add' : 'remove';
    const limit = kind === 'additions' ? addedLimit : removed;
    const [code, setting] =
      kind === 'additions' ? ['LIMIT_ADDED_GRANTS', 'maxAddedGrants'] : ['LIMIT_REMOVED_GRANTS', 'maxRemovedGrants'];
    const counted = open.filter((it) => it.state === state && !back.has(it.id));
    const emptiedWith = (out: ReadonlySet<string>) =>
      new Set(
        parts.filter(
          (name) => kind === 'removals' && sizeOf(name, out) === 0 && counted.some((it) => it.part === name),
        ),
      );
    const emptied = emptiedWith(back);
    // As it was shown before additions were approved.
    const emptiedBefore = emptiedWith(new Set([...back, ...letIn]));
    const nameOf = (some: readonly Fact[], left = emptied) =>
      some
        .map(({ id, what, part: of, guarded }) => `${id} ${what}${guarded && left.has(of) ? ' last' : ''}`)
        .sort()
        .join('\n');
    const ofUnit = (name: string) => counted.filter((it) => it.unit === name);

    /** What would be held if these units were no matter. */
    const wanted = (without: readonly string[], emptiedThen = emptied) => {
      const found: { text: string; facts: readonly Fact[] }[] = [];
      for (const [name, calm] of elsewhere) {
        const mine = counted.filter((it) => it.cluster === name && !without.includes(it.unit));
        const amount = mine.reduce((sum, { weight }) => sum + weight, 0);
        const base = facts.filter((it) => it.cluster === name && it.state !== 'add');
        const all = base.reduce((sum, { weight }) => sum + weight, calm);
        const allowed =
          limit === null ? Number.POSITIVE_INFINITY : Math.max(limit.floor, Math.floor((all * limit.percent) / 100));
        const why = `${amount} ${limit === null ? '' : allowed} ${all} ${setting}`;
        for (const one of new Set(mine.map((it) => it.unit))) {
          const some = mine.filter((it) => it.unit === one);
          const ids = some.map(({ id }) => id);
          const left = [...emptiedThen].filter((of) => some.some((it) => it.part === of));
          if (amount > allowed) {
            found.push({ text: tell(code ?? '', one, why, ids, left), facts: some });
            continue;
          }
          for (const of of left) {
            const last = some.filter((it) => it.part === of && it.guarded);
            if (last.length === 0) continue;
            const text = tell(
              'LIMIT_NEVER_EMPTY',
              one,
              of,
              last.map(({ id }) => id),
              [of],
            );
            found.push({ text, facts: last });
          }
        }
      }
      return found;
    };

    const unitsIn = (some: ReturnType<typeof wanted>) => [
      ...new Set(some.flatMap((it) => it.facts).map((it) => it.unit)),
    ];
    const approvals: typeof approved = [];
    const approve = (name: string) => {
      approvals.push([kind, name, ofUnit(name).length, nameOf(ofUnit(name))]);
      for (const { id } of ofUnit(name)) letIn.add(id);
    };
    const earlier = unitsIn(wanted([])).filter((name) =>
      [emptied, emptiedBefore].some((left) => before.has(nameOf(ofUnit(name), left))),
    );
    for (const name of earlier) approve(name);
    const rest = wanted(earlier);
    const name = nameOf(rest.flatMap((it) => it.facts));
    const shown = wanted(earlier, emptiedBefore);
    const matches = [[rest, emptied] as const, [shown, emptiedBefore] as const].some(
      ([some, left]) =>
        some.length > 0 &&
        now[kind] ===
          nameOf(
            some.flatMap((it) => it.facts),
            left,
          ),
    );
    if (now[kind] !== undefined && !matches) unmatched.push(kind);
    if (matches) {
      for (const it of unitsIn(rest)) approve(it);
    } else if (rest.length > 0) {
      names[kind] = name;
      for (const it of rest) {
        held.push(it.text);
        for (const { id } of it.facts) back.add(id);
      }
    }
    approved.push(...approvals.sort(([, a], [, b]) => (a < b ? -1 : 1)));
  };

  holdTooLarge();
  holdTooMany('additions');
  holdTooMany('removals');
  holdTooLarge();
  return { held: held.sort(), back: [...back].sort(), approved, unmatched, names };
}

// The two beside each other.

/** A digest for each name and a name for each digest, across all worlds. */
const digests = new Map<string, string>();
const named = new Map<string, string>();

function same(name: string | undefined, digest: string | undefined, what: string): void {
  assert.equal(digest === undefined, name === undefined, what);
  if (name === undefined || digest === undefined) return;
  assert.match(digest, /^[0-9a-f]{16}$/);
  assert.equal(digests.get(name) ?? digest, digest, `${what}: the same changes have the same digest`);
  assert.equal(named.get(digest) ?? name, name, `${what}: other changes have another digest`);
  digests.set(name, digest);
  named.set(digest, name);
}

function heldText({ cluster: name, namespace, code, message, changes, emptied = [] }: Held<Fact>): string {
  const numbers =
    /^(\d+) (?:addition|removal)s? in \S+ exceeds? limits\.(\w+) \((\d+) of (\d+) grants\)$/.exec(message) ?? undefined;
  const why = numbers === undefined ? message : `${numbers[1]} ${numbers[3]} ${numbers[4]} ${numbers[2]}`;
  const ids = changes.map(({ id }) => id);
  return tell(
    code,
    `${name}/${namespace}`,
    why,
    ids,
    emptied.map((it) => it.part),
  );
}

const nobody = 'f'.repeat(16);
/** How often each outcome was met. */
const seen = new Map<string, number>();

/** Asks both, and fails where they differ. */
function compare(world: World, accepted: Accepted): Limited<Fact> {
  const limited = askLimits(limitsOf(world), decisionsOf(world), accepted);
  const nameOf = (digest: string) => (digest === nobody ? 'nobody' : (named.get(digest) ?? assert.fail(digest)));
  const { acceptRemovals, acceptAdditions, approvedEarlier: before = new Set() } = accepted;
  const verdict = judge(world, {
    now: {
      ...(acceptRemovals === undefined ? {} : { removals: nameOf(acceptRemovals) }),
      ...(acceptAdditions === undefined ? {} : { additions: nameOf(acceptAdditions) }),
    },
    before: new Set([...before].map(nameOf)),
  });
  assert.deepEqual(limited.held.map(heldText).sort(), verdict.held);
  assert.deepEqual([...limited.heldIds].sort(), verdict.back);
  assert.deepEqual(
    limited.approved.map((it) => [it.kind, `${it.cluster}/${it.namespace}`, it.changes]),
    verdict.approved.map(([kind, name, changes]) => [kind, name, changes]),
  );
  for (const [index, { digest }] of limited.approved.entries()) same(verdict.approved[index]?.[3], digest, 'a unit');
  assert.deepEqual(
    limited.unmatched,
    verdict.unmatched.map((kind) => ({ kind, digest: kind === 'removals' ? acceptRemovals : acceptAdditions })),
  );
  same(verdict.names.removals, limited.digests.heldRemovals, 'removals');
  same(verdict.names.additions, limited.digests.heldAdditions, 'additions');
  const met = [
    ...limited.held.map(({ code, emptied = [] }) => `${code}${emptied.length > 0 ? ' emptied' : ''}`),
    ...limited.approved.map(({ kind, digest }) => `approved ${kind}${before.has(digest) ? ' before' : ''}`),
    ...limited.unmatched.map(({ kind }) => `unmatched ${kind}`),
  ];
  for (const it of new Set(met)) seen.set(it, (seen.get(it) ?? 0) + 1);
  return limited;
}

/** Which digests are given back: those of the run before, one of nobody, or none. */
const anyAnswer = fc.constantFrom('given', 'given', 'given', 'none', 'nobody');

test('the limits hold and approve what a plain list of everything says', () => {
  fc.assert(
    fc.property(anyWorld, anyLater, fc.tuple(anyAnswer, anyAnswer), fc.nat(3), (world, later, answers, drop) => {
      const first = compare(world, {});
      const answer = (digest: string | undefined, how: string | undefined) =>
        how === 'none' ? undefined : how === 'nobody' ? nobody : digest;
      const acceptRemovals = answer(first.digests.heldRemovals, answers[0]);
      const acceptAdditions = answer(first.digests.heldAdditions, answers[1]);
      const accepted = {
        ...(acceptRemovals === undefined ? {} : { acceptRemovals }),
        ...(acceptAdditions === undefined ? {} : { acceptAdditions }),
      };
      const second = compare(world, accepted);
      const before = new Set(second.approved.map((it) => it.digest).filter((_, index) => index % 4 !== drop));
      compare(world, { approvedEarlier: before });
      compare(world, { ...accepted, approvedEarlier: before });
      const next = laterThan(world, later);
      compare(next, accepted);
      compare(next, { approvedEarlier: before });
      compare(next, { ...accepted, approvedEarlier: before });
    }),
    { numRuns: trials(600) },
  );
  const kinds = ['removals', 'additions'].flatMap((kind) => ['approved', 'unmatched'].map((it) => `${it} ${kind}`));
  const expected = [
    ...kinds,
    ...['approved removals before', 'approved additions before'],
    ...['LIMIT_SUBJECTS', 'LIMIT_ADDED_GRANTS', 'LIMIT_REMOVED_GRANTS'],
    ...['LIMIT_REMOVED_GRANTS emptied', 'LIMIT_NEVER_EMPTY emptied'],
  ];
  for (const it of expected) assert.ok((seen.get(it) ?? 0) >= 5, `${it}: met ${seen.get(it) ?? 0} times`);
});
