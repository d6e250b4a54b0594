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
import { nameObjects } from './names.ts';
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
  /** Lines of subjects that were rendered: people are in many roles. */
  readonly subjects?: WeakMap<Subject, string>;
}

/**
 * Writes the text of one file: for each role, in the given order, its Role where it has rules, and its RoleBinding.
 * The same input gives the same bytes.
 */
export function renderFile(options: RenderOptions, roles: readonly RoleToRender[]): string {
  const documents = roles.flatMap((role) => renderRole(options, role));
  return `${headerLine}\n${documents.join('---\n')}`;
}

function renderRole({ names, templates, subjects }: RenderOptions, role: RoleToRender): readonly string[] {
  const { binding, roleRef } = nameObjects(names, role.domain, role.config);
  const values: TemplateValues = { ...role, role: role.config.athenzRole };
  const documents: string[] = [];
  if ('rules' in role.config) {
    documents.push(renderHead('Role', roleRef.name, templates.role, values) + renderRules(role.config.rules));
  }
  documents.push(
    renderHead('RoleBinding', binding, templates.binding, values) +
      renderRoleRef(roleRef) +
      renderSubjects(role.subjects, subjects),
  );
  return documents;
}

function renderHead(kind: 'Role' | 'RoleBinding', name: string, template: Template, values: TemplateValues): string {
  return `${template.head(values)}apiVersion: "${rbacGroup}/v1"
kind: "${kind}"
metadata:
  name: ${quote(name)}
  namespace: ${quote(values.namespace)}
  labels:
    ${managedByKey}: "${managedByValue}"
${template.labels(values)}  annotations:
    ${annotationKey}: ${quote(roleName(values.domain, values.role))}
${template.annotations(values)}`;
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
function renderSubjects(subjects: readonly Subject[], known = new WeakMap<Subject, string>()): string {
  if (subjects.length === 0) return 'subjects: []\n';
  let text = 'subjects:\n';
  for (const subject of subjects) {
    const found = known.get(subject);
    const lines = found ?? renderSubject(subject);
    if (found === undefined) known.set(subject, lines);
    text += lines;
  }
  return text;
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
  return text.replaceAll('\r\n', '\n').includes(`${renderRoleRef(roleRef)}${renderSubjects(subjects)}`);
}

function renderSubject(subject: Subject): string {
  // A ServiceAccount's apiGroup is the empty one; the server refuses the RBAC group there. The name comes last, so that a
  // file that is cut off never names the account of another namespace: without one it would be the binding's own.
  if (subject.kind === 'ServiceAccount') {
    return `  - kind: "ServiceAccount"\n    namespace: ${quote(subject.namespace)}\n    name: ${quote(subject.name)}\n`;
  }
  return `  - apiGroup: "${rbacGroup}"\n    kind: "${subject.kind}"\n    name: ${quote(subject.name)}\n`;
}
