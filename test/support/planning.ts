import assert from 'node:assert/strict';
import picomatch from 'picomatch';
import type { Config } from '../../src/config/types.ts';
import type { Limits } from '../../src/core/budget.ts';
import type { Accepted, FileChange } from '../../src/core/change.ts';
import { conclude } from '../../src/core/conclude.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { isKustomization, parseKustomization } from '../../src/core/kustomization.ts';
import type { Plan } from '../../src/core/plan.ts';
import { layoutTerritory } from '../../src/core/territory.ts';
import { type UnitId, unitKey } from '../../src/core/unit.ts';
import { openWalk } from '../../src/core/walk.ts';
import type { SidesInput } from '../../src/drift/sides.ts';
import { compareChanges } from '../../src/generators/rbac/change.ts';
import { createPlanContext, type PlanContext } from '../../src/generators/rbac/context.ts';
import { toDecision } from '../../src/generators/rbac/decision.ts';
import { type Draft, desiredNamespace } from '../../src/generators/rbac/desired.ts';
import { outputAdvice, rbac } from '../../src/generators/rbac/generator.ts';
import { decideNamespace } from '../../src/generators/rbac/namespace.ts';
import { type EndedAccess, endedAccess, grantKey, toProof } from '../../src/generators/rbac/proof.ts';
import { type RbacResult, toRbacResult } from '../../src/generators/rbac/result.ts';
import { compileTemplate } from '../../src/generators/rbac/template.ts';
import type { AccessChange } from '../../src/model/access.ts';
import type { Problem } from '../../src/model/error.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import {
  type ClusterInventory,
  type ExcludedNamespace,
  type SkippedNamespaces,
  skippedNamespaces,
} from '../../src/model/inventory.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { type RenderedRole, withFormerHeader } from '../../src/model/manifest.ts';
import { compareText } from '../../src/model/text.ts';
import { blobId, type ObjectFormat, type TreeFile, type TreeMode } from '../../src/model/tree.ts';

/** A tree in memory, path → text; as in a test repository, `->target` is a link and `+x text` an executable. */
export type Texts = ReadonlyMap<string, string>;

/** What planning takes, in the shortest form; namespaces in the inventory are those that `access` speaks of. */
export interface Situation {
  readonly config: PlanContext['config'];
  readonly access: readonly RoleAccess[];
  readonly files?: Texts;
  /** Clusters whose inventory could not be read whole. */
  readonly incomplete?: readonly string[];
  /** Namespaces of `prod` that are there and left out. */
  readonly excluded?: readonly ExcludedNamespace[];
  /** Paths whose content cannot be read. */
  readonly unreadable?: readonly string[];
  readonly filtered?: boolean;
  readonly at?: Date;
  readonly accepted?: Accepted;
  /** What is remembered, and what the history shows. */
  readonly evidence?: Omit<Evidence, 'proofs'> & { readonly proofs: readonly EndedAccess[] };
  readonly objectFormat?: ObjectFormat;
  /** Puts a list of the input into another order. */
  readonly shuffle?: <T>(list: readonly T[]) => readonly T[];
}

const templates = { role: compileTemplate('role.yaml', ''), binding: compileTemplate('rolebinding.yaml', '') };

/** The instant everything is planned for, unless a test says otherwise. */
const now = new Date('2026-11-21T02:57:00.000Z');

/** A plan as results tell it, with the texts of its files and what later runs have to know. */
export type PlanView = Omit<RbacResult, 'files'> & {
  readonly files: readonly FileChange[];
  readonly proofs: readonly EndedAccess[];
  readonly skippedNamespaces: readonly SkippedNamespaces[];
};

/** What the program would do, step by step as a run takes them. */
export function planOf(situation: Situation): PlanView {
  return viewOf(corePlanOf(situation), inventoryOf(situation));
}

export function viewOf(plan: Plan<AccessChange>, inventory: readonly ClusterInventory[] = []): PlanView {
  const proofs = plan.proofs.map(endedAccess);
  return { ...toRbacResult(plan), files: plan.files, proofs, skippedNamespaces: skippedNamespaces(inventory) };
}

/** The same as the pipeline handles it. */
export function corePlanOf(situation: Situation): Plan<AccessChange> {
  const { config, accepted = {}, evidence = { proofs: [], origins: new Map() } } = situation;
  const { inventory, opened, territory, ids } = prepare(situation);
  const walked = walkOf(situation).walked;
  const setting = { config: config as Config, clusters: [], filtered: false, inRoot: (path: string) => path };
  const kustomizations = [...(situation.files ?? [])].flatMap(([path, text]) =>
    isKustomization(path) ? (parseKustomization(path, bytesOf(text)) ?? []) : [],
  );
  return conclude<AccessChange>({
    generator: 'rbac',
    at: (situation.at ?? now).toISOString(),
    walked,
    evidence: { ...evidence, proofs: evidence.proofs.map(toProof) },
    limits: rbac.limits(setting) as Limits<AccessChange>,
    accepted,
    ids,
    territory,
    kustomizations,
    incomplete: [...inventory]
      .sort((a, b) => compareText(a.cluster, b.cluster))
      .flatMap(({ cluster, problems }) => problems.map((problem) => ({ cluster, problem }))),
    sources: {
      isDesired: opened.isDesired,
      restored: grantsIn(situation.access),
    },
    compare: compareChanges,
  });
}

/** Which files a run would read, by path. */
export function readPaths(situation: Situation): readonly string[] {
  return walkOf(situation).needed.map((file) => file.path);
}

/** What drift holds against clusters. */
export function sidesOf(situation: Situation): Omit<SidesInput, 'live'> {
  const { context, files, units } = prepare(situation);
  const { current } = walkOf(situation).walked;
  const paths = new Set(files.map(({ path }) => path));
  const drafts = [...units.values()].flatMap(({ state }) => state);
  return { context, drafts, current, files: paths, unknown: new Map(), incomplete: new Map() };
}

function walkOf(situation: Situation) {
  const { files: texts = new Map(), unreadable = [] } = situation;
  const { files, opened, territory, ids, inventory, units } = prepare(situation);
  const walk = openWalk<readonly RenderedRole[], readonly Draft[], AccessChange>({
    opened,
    parse: rbac.parse,
    territory,
    files,
    ids,
    clusters: situation.config.clusters.map(({ name }) => name),
    incomplete: new Set(inventory.filter(({ problems }) => problems.length > 0).map(({ cluster }) => cluster)),
  });
  for (const desired of units.values()) walk.take(desired);
  const needed = walk.needed();
  const contents = new Map(
    needed.flatMap(({ path }) => (unreadable.includes(path) ? [] : [[path, bytesOf(texts.get(path) ?? '')] as const])),
  );
  for (const unit of walk.read(needed, contents)) {
    const again = units.get(unitKey(unit));
    if (again !== undefined) walk.retake(again);
  }
  return { walked: walk.finish(), needed };
}

function inventoryOf({ config, access, incomplete, excluded, shuffle = (list) => list }: Situation) {
  return config.clusters.map(
    ({ name: cluster }): ClusterInventory => ({
      cluster,
      namespaces: shuffle(namespacesOf(access, cluster).map((name) => ({ name, source: 'namespaces.yaml' }))),
      excluded: cluster === 'prod' ? (excluded ?? []) : [],
      problems: incomplete?.includes(cluster) ? [inventoryProblem] : [],
    }),
  );
}

function prepare(situation: Situation) {
  const { config, files: texts = new Map(), objectFormat = 'sha1', filtered = false } = situation;
  const shuffle = situation.shuffle ?? ((list) => list);
  const layout = compileLayout(config.output.path);
  const inventory = shuffle(inventoryOf(situation));
  const context = createPlanContext({
    config,
    layout,
    render: { names: config.names, templates },
    objectFormat,
    inventory,
  });
  const territory = layoutTerritory(
    layout,
    config.clusters.map(({ name }) => name),
    { filtered, keeps: picomatch([...config.output.keep], { dot: true }), advice: outputAdvice },
  );
  const at = (situation.at ?? now).getTime();
  const groups = Map.groupBy(shuffle(situation.access), unitKey);
  const units = new Map([...groups].map(([key, roles]) => [key, desiredNamespace(context, roles, at)]));
  const opened = {
    isDesired: (id: UnitId) => units.has(unitKey(id)),
    compare: (differing: Parameters<typeof decideNamespace>[1]) =>
      toDecision(context, decideNamespace(context, differing)),
  };
  const listed = shuffle([...texts].map(([path, text]) => treeFile(path, text, objectFormat)));
  const files = listed.filter(({ path }) => territory.roots.some((root) => path.startsWith(`${root}/`)));
  const ids = { format: objectFormat, former: withFormerHeader };
  return { inventory, context, territory, units, opened, files, ids };
}

function grantsIn(access: readonly RoleAccess[]): ReadonlySet<string> {
  return new Set(
    access.flatMap(({ outcome, ...place }) =>
      outcome.kind === 'value' ? outcome.grants.map(({ subject }) => grantKey({ ...place, subject })) : [],
    ),
  );
}

/** What a failed read of a cluster's namespaces is reported as. */
export const inventoryProblem: Problem = { code: 'INVENTORY_UNREADABLE', message: 'reading namespaces.yaml: no YAML' };

function namespacesOf(access: readonly RoleAccess[], cluster: string): readonly string[] {
  return [...new Set(access.filter((role) => role.cluster === cluster).map((role) => role.namespace))].sort();
}

function treeFile(path: string, text: string, format: ObjectFormat): TreeFile {
  const mode: TreeMode = text.startsWith('->') ? '120000' : text.startsWith('+x ') ? '100755' : '100644';
  return { path, mode, oid: blobId(bytesOf(text), format) };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.replace(/^(->|\+x )/, ''), 'utf8');
}

/** The tree once a plan is merged; fails when the plan is not about these files. */
export function applyPlan(files: Texts, plan: { readonly files: readonly FileChange[] }): Texts {
  const merged = new Map(files);
  for (const { path, before, after } of plan.files) {
    const text = merged.get(path);
    assert.equal(before, text === undefined ? undefined : blobId(bytesOf(text), 'sha1'), `the base of ${path}`);
    if (after === undefined) merged.delete(path);
    else merged.set(path, after.text);
  }
  return merged;
}

/** The tree that these situations give when nothing was there before; of files in one place the last one's stay. */
export function treeOf(...situations: readonly Pick<Situation, 'config' | 'access'>[]): Texts {
  return new Map(situations.flatMap((it) => [...applyPlan(new Map(), corePlanOf({ ...it, files: new Map() }))]));
}
