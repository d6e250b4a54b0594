import assert from 'node:assert/strict';
import type { SidesInput } from '../../src/drift/sides.ts';
import type { Accepted, Plan } from '../../src/model/change.ts';
import type { Problem } from '../../src/model/error.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import type { ClusterInventory, ExcludedNamespace } from '../../src/model/inventory.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { blobId, type ObjectFormat, type TreeFile, type TreeMode } from '../../src/model/tree.ts';
import { createPlanContext, type PlanContext } from '../../src/plan/context.ts';
import { filesToRead, readCurrent } from '../../src/plan/current.ts';
import { draftFiles } from '../../src/plan/draft.ts';
import type { Evidence } from '../../src/plan/evidence.ts';
import { isKustomization, parseKustomization } from '../../src/plan/kustomization.ts';
import { type PlanInput, planChanges } from '../../src/plan/plan.ts';
import { compileTemplate } from '../../src/rbac/template.ts';

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
  readonly evidence?: Evidence;
  readonly objectFormat?: ObjectFormat;
  /** Puts a list of the input into another order. */
  readonly shuffle?: <T>(list: readonly T[]) => readonly T[];
}

const templates = { role: compileTemplate('role.yaml', ''), binding: compileTemplate('rolebinding.yaml', '') };

/** The instant everything is planned for, unless a test says otherwise. */
const now = new Date('2026-11-21T02:57:00.000Z');

/** What the program would do, step by step as a run takes them. */
export function planOf(situation: Situation): Plan {
  return planChanges(prepare(situation).input, situation.evidence);
}

/** Which files a run would read, by path. */
export function readPaths(situation: Situation): readonly string[] {
  return prepare(situation).needed.map((file) => file.path);
}

/** What drift holds against clusters. */
export function sidesOf(situation: Situation): Omit<SidesInput, 'live'> {
  const { input } = prepare(situation);
  const { context, drafts, current, files } = input;
  const paths = new Set(files.map(({ path }) => path));
  return { context, drafts, current, files: paths, unknown: new Map(), incomplete: new Map() };
}

function prepare(situation: Situation): { readonly input: PlanInput; readonly needed: readonly TreeFile[] } {
  const { config, files = new Map(), unreadable = [], objectFormat = 'sha1', accepted = {} } = situation;
  const shuffle = situation.shuffle ?? ((list) => list);
  const access = shuffle(situation.access);
  const context = createPlanContext({
    config,
    layout: compileLayout(config.output.path),
    render: { names: config.names, templates },
    objectFormat,
    filtered: situation.filtered ?? false,
  });
  const inventory = config.clusters.map(
    ({ name: cluster }): ClusterInventory => ({
      cluster,
      namespaces: shuffle(namespacesOf(access, cluster).map((name) => ({ name, source: 'namespaces.yaml' }))),
      excluded: cluster === 'prod' ? (situation.excluded ?? []) : [],
      problems: situation.incomplete?.includes(cluster) ? [inventoryProblem] : [],
    }),
  );
  const drafts = draftFiles(context, access);
  const { prefix } = context.layout;
  const listed = shuffle([...files].map(([path, text]) => treeFile(path, text, objectFormat)));
  const tree = listed.filter((file) => prefix === '' || file.path.startsWith(`${prefix}/`));
  const needed = filesToRead(context, drafts, tree);
  const contents = new Map(
    needed.flatMap(({ path }) => (unreadable.includes(path) ? [] : [[path, bytesOf(files.get(path) ?? '')] as const])),
  );
  const current = readCurrent(context, drafts, needed, contents);
  const kustomizations = [...files].flatMap(([path, text]) =>
    isKustomization(path) ? (parseKustomization(path, bytesOf(text)) ?? []) : [],
  );
  const input = {
    context,
    inventory: shuffle(inventory),
    access,
    drafts,
    files: tree,
    current,
    kustomizations,
    accepted,
  };
  return { input: { ...input, at: situation.at ?? now }, needed };
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
export function applyPlan(files: Texts, plan: Pick<Plan, 'files'>): Texts {
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
  return new Map(situations.flatMap((it) => [...applyPlan(new Map(), planOf({ ...it, files: new Map() }))]));
}
