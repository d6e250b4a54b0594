import type { NamesMode, RoleConfig } from '../../config/types.ts';
import { roleName } from '../../model/domain.ts';
import type { Subject } from '../../model/grant.ts';
import {
  annotationKey,
  headerLine,
  managedByKey,
  managedByValue,
  type PolicyRule,
  type RenderedRole,
  type RoleRef,
  rbacGroup,
} from '../../model/manifest.ts';
import { quote, quoteList } from '../../model/scalar.ts';
import { nameObjects, type ObjectNames } from './names.ts';
import type { Template, TemplateValues } from './template.ts';

/** One Athenz role of one namespace, ready to be written. */
export interface RoleToRender {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  readonly config: RoleConfig;
  /** Sorted and unique; empty is written out as `[]`. */
  readonly subjects: readonly Subject[];
}

export interface RenderOptions {
  readonly names: NamesMode;
  readonly templates: { readonly role: Template; readonly binding: Template };
  /** What has been written before; default: nothing is remembered. */
  readonly memo?: RenderMemo;
}

/** Parts of files that recur: people are in many roles, and a role is in every namespace. */
export interface RenderMemo {
  readonly subjects: WeakMap<Subject, string>;
  readonly rules: WeakMap<readonly PolicyRule[], string>;
  /** Names that no domain is part of. */
  readonly names: WeakMap<RoleConfig, ObjectNames>;
}

export function openRenderMemo(): RenderMemo {
  return { subjects: new WeakMap(), rules: new WeakMap(), names: new WeakMap() };
}

/**
 * Writes the text of one file: for each role, in the given order, its Role where it has rules, and its RoleBinding.
 * The same input gives the same bytes.
 */
export function renderFile(options: RenderOptions, roles: readonly RoleToRender[]): string {
  return joined(renderPieces(options, roles));
}

/** Pieces as one text. By `+=`, which takes half the time of `join` here. */
export function joined(pieces: readonly string[]): string {
  let text = '';
  for (const piece of pieces) text += piece;
  return text;
}

/** The text of a file in pieces, most of which many files share: a fleet of them takes little memory until it is written. */
export function renderPieces(
  { memo = openRenderMemo(), ...options }: RenderOptions,
  roles: readonly RoleToRender[],
): readonly string[] {
  const pieces = [header];
  for (const role of roles) addRole(pieces, { ...options, memo }, role);
  return pieces;
}

const header = `${headerLine}\n`;
const separator = '---\n';

/** The names of the objects of a role, as `nameObjects` gives them. */
export function objectNames(
  { names, memo }: Omit<RenderOptions, 'templates'>,
  domain: string,
  role: RoleConfig,
): ObjectNames {
  if (names === 'operator' || memo === undefined) return nameObjects(names, domain, role);
  return recall(memo.names, role, () => nameObjects(names, domain, role));
}

function recall<K extends object, V>(memo: WeakMap<K, V>, key: K, make: () => V): V {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const made = make();
  memo.set(key, made);
  return made;
}

function addRole(pieces: string[], options: Required<RenderOptions>, role: RoleToRender): void {
  const { templates, memo } = options;
  const { binding, roleRef } = objectNames(options, role.domain, role.config);
  const values: TemplateValues = { ...role, role: role.config.athenzRole };
  if ('rules' in role.config) {
    const { rules } = role.config;
    if (pieces.length > 1) pieces.push(separator);
    addHead(pieces, 'Role', roleRef.name, templates.role, values);
    pieces.push(recall(memo.rules, rules, () => renderRules(rules)));
  }
  if (pieces.length > 1) pieces.push(separator);
  addHead(pieces, 'RoleBinding', binding, templates.binding, values);
  pieces.push(renderRoleRef(roleRef));
  addSubjects(pieces, role.subjects, memo.subjects);
}

const heads = {
  Role: `apiVersion: "${rbacGroup}/v1"\nkind: "Role"\nmetadata:\n  name: `,
  RoleBinding: `apiVersion: "${rbacGroup}/v1"\nkind: "RoleBinding"\nmetadata:\n  name: `,
} as const;
const labels = `\n  labels:\n    ${managedByKey}: "${managedByValue}"\n`;
const annotations = `  annotations:\n    ${annotationKey}: `;

function addHead(
  pieces: string[],
  kind: keyof typeof heads,
  name: string,
  template: Template,
  values: TemplateValues,
): void {
  const { namespace, domain, role } = values;
  pieces.push(template.head(values), heads[kind], quote(name), '\n  namespace: ', quote(namespace), labels);
  pieces.push(template.labels(values), annotations, quote(roleName(domain, role)), '\n', template.annotations(values));
}

function renderRules(rules: readonly PolicyRule[]): string {
  const lines = rules.map(({ apiGroups, resources, verbs, resourceNames }) => {
    const narrowed = resourceNames === undefined ? '' : `    resourceNames: ${quoteList(resourceNames)}\n`;
    return `  - apiGroups: ${quoteList(apiGroups)}\n    resources: ${quoteList(resources)}\n${narrowed}    verbs: ${quoteList(verbs)}\n`;
  });
  return `rules:\n${lines.join('')}`;
}

function renderRoleRef({ kind, name }: RoleRef): string {
  return `roleRef:\n  apiGroup: "${rbacGroup}"\n  kind: "${kind}"\n  name: ${quote(name)}\n`;
}

/**
 * No subject is written as `[]`: with the key left out, an applied binding keeps the subjects it has in the cluster
 * (measured with kubectl and Argo CD's engine, client-side and server-side).
 */
function addSubjects(pieces: string[], subjects: readonly Subject[], known: WeakMap<Subject, string>): void {
  pieces.push(subjects.length === 0 ? 'subjects: []\n' : 'subjects:\n');
  for (const subject of subjects) pieces.push(recall(known, subject, () => inOnePiece(renderSubject(subject))));
}

/**
 * Whether the text of a file lists the subjects of a role to the byte as this program writes them, whatever templates or people
 * have put around the list.
 *
 * @param role as it was read from that file
 */
export function listsAsRendered(
  text: string,
  { roleRef, subjects }: Pick<RenderedRole, 'roleRef' | 'subjects'>,
): boolean {
  const pieces = [renderRoleRef(roleRef)];
  addSubjects(pieces, subjects, new WeakMap());
  return text.replaceAll('\r\n', '\n').includes(joined(pieces));
}

/** The same text, which V8 would keep as a tree of its parts and take apart each time it is used. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}

function renderSubject(subject: Subject): string {
  // A ServiceAccount's apiGroup is the empty one; the server refuses the RBAC group there. The name comes last, so that a
  // file that is cut off never names the account of another namespace: without one it would be the binding's own.
  if (subject.kind === 'ServiceAccount') {
    return `  - kind: "ServiceAccount"\n    namespace: ${quote(subject.namespace)}\n    name: ${quote(subject.name)}\n`;
  }
  return `  - apiGroup: "${rbacGroup}"\n    kind: "${subject.kind}"\n    name: ${quote(subject.name)}\n`;
}
