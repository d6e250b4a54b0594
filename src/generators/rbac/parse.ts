import { z } from 'zod';
import { reasonOf } from '../../model/error.ts';
import { compareSubjects, type Subject, subjectKey } from '../../model/grant.ts';
import { label } from '../../model/label.ts';
import { annotationKey, hasHeader, type PolicyRule, type RenderedRole, rbacGroup } from '../../model/manifest.ts';
import { maxYamlBytes, parseYamlStream, sizeProblem, YamlError } from '../../model/yaml.ts';

/** What a file in an output folder is to us. */
export type ParsedFile =
  | { readonly kind: 'rendered'; readonly roles: readonly RenderedRole[] }
  /** Without our first line: foreign. */
  | { readonly kind: 'foreign' }
  /** With our first line, but not to be understood: never taken for "no grants". */
  | { readonly kind: 'unparsable'; readonly reason: string };

const text = z.string();
const athenzRole =
  /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*:role\.[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*$/;
const metadata = z.object({
  name: text.min(1),
  // As the config asks for it: what is read here may name a file again, or stand in a comment.
  namespace: text.regex(label),
  annotations: z.object({ [annotationKey]: text.regex(athenzRole) }),
});
const ruleSchema = z.strictObject({
  apiGroups: z.array(text),
  resources: z.array(text),
  verbs: z.array(text),
  resourceNames: z.array(text).exactOptional(),
});
const subjectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('User'), name: text, apiGroup: text.optional() }),
  z.strictObject({ kind: z.literal('Group'), name: text, apiGroup: text.optional() }),
  z.strictObject({
    kind: z.literal('ServiceAccount'),
    name: text,
    namespace: text.optional(),
    apiGroup: z.literal('').optional(),
  }),
]);
const objectSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    apiVersion: z.literal(`${rbacGroup}/v1`),
    kind: z.literal('Role'),
    metadata,
    rules: z.array(ruleSchema).nullish(),
  }),
  z.strictObject({
    apiVersion: z.literal(`${rbacGroup}/v1`),
    kind: z.literal('RoleBinding'),
    metadata,
    roleRef: z.strictObject({
      apiGroup: z.literal(rbacGroup),
      kind: z.enum(['Role', 'ClusterRole']),
      name: text.min(1),
    }),
    // Without the key an applied binding keeps the subjects it has in the cluster: that is not "nobody".
    subjects: z.array(subjectSchema),
  }),
]);

type RbacObject = z.output<typeof objectSchema>;
type Binding = Extract<RbacObject, { kind: 'RoleBinding' }>;

/**
 * Reads a rendered file back. Read as the cluster reads it, by YAML 1.1, so that an edit by hand means here what it means
 * there.
 *
 * @returns the roles in the order of the file; `foreign` or `unparsable` for what must be left alone
 */
export function parseFile(content: Uint8Array): ParsedFile {
  if (!hasHeader(content)) return { kind: 'foreign' };
  const tooLarge = sizeProblem(content.byteLength, maxYamlBytes.manifests);
  if (tooLarge !== undefined) return { kind: 'unparsable', reason: tooLarge };
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return { kind: 'unparsable', reason: 'it is not UTF-8' };
  }
  try {
    return { kind: 'rendered', roles: toRoles(readObjects(source)) };
  } catch (error) {
    return { kind: 'unparsable', reason: error instanceof YamlError ? error.sentence : reasonOf(error) };
  }
}

function readObjects(source: string): readonly RbacObject[] {
  const documents = parseYamlStream(source, { maxBytes: maxYamlBytes.manifests, version: '1.1', aliases: 'refused' });
  if (documents.length === 0) throw new SyntaxError('it contains no object');
  return documents.map(({ document, value }, index) => {
    if (document.directives?.yaml.explicit) throw new SyntaxError('it sets a YAML version');
    const parsed = objectSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new SyntaxError(`document ${index + 1}: ${issue?.path.join('.')} ${issue?.message}`);
  });
}

function toRoles(objects: readonly RbacObject[]): readonly RenderedRole[] {
  const rules = new Map<string, readonly PolicyRule[]>();
  for (const object of objects) {
    if (object.kind === 'Role') rules.set(objectKey(object.metadata), object.rules ?? []);
  }
  const roles = objects.flatMap((object) => (object.kind === 'RoleBinding' ? [toRole(object, rules)] : []));
  refuseTwice(objects, ({ kind, metadata: { namespace, name } }) => `${kind} ${name} in ${namespace}`);
  refuseTwice(roles, ({ namespace, role }) => `binding of ${role} in ${namespace}`);
  // A file that was cut off behind a Role would pass for one that grants less.
  const bound = new Set(
    roles.flatMap(({ namespace, roleRef }) => (roleRef.kind === 'Role' ? [objectKey({ ...roleRef, namespace })] : [])),
  );
  for (const key of rules.keys()) {
    if (!bound.has(key)) throw new SyntaxError('it contains a Role without a binding');
  }
  return roles;
}

/** The cluster would keep one of two, and which one is not for us to guess. */
function refuseTwice<T>(items: readonly T[], describe: (item: T) => string): void {
  const seen = new Set<string>();
  for (const item of items) {
    const what = describe(item);
    if (seen.has(what)) throw new SyntaxError(`it contains the ${what} twice`);
    seen.add(what);
  }
}

function toRole(
  { metadata: meta, roleRef, subjects }: Binding,
  rules: ReadonlyMap<string, readonly PolicyRule[]>,
): RenderedRole {
  const full = meta.annotations[annotationKey];
  const split = full.indexOf(':role.');
  const own = roleRef.kind === 'Role' ? rules.get(objectKey({ ...roleRef, namespace: meta.namespace })) : undefined;
  return {
    namespace: meta.namespace,
    domain: full.slice(0, split),
    role: full.slice(split + ':role.'.length),
    bindingName: meta.name,
    roleRef: { kind: roleRef.kind, name: roleRef.name },
    subjects: uniqueSubjects(subjects.map((subject) => toSubject(subject, meta.namespace))),
    ...(own === undefined ? {} : { rules: own }),
  };
}

function toSubject(subject: z.output<typeof subjectSchema>, namespace: string): Subject {
  // Without a namespace a ServiceAccount is one of the binding's own.
  if (subject.kind === 'ServiceAccount') {
    return { kind: 'ServiceAccount', name: subject.name, namespace: subject.namespace || namespace };
  }
  return { kind: subject.kind, name: subject.name };
}

function uniqueSubjects(subjects: readonly Subject[]): readonly Subject[] {
  return [...new Map(subjects.map((subject) => [subjectKey(subject), subject])).values()].sort(compareSubjects);
}

function objectKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}\0${name}`;
}
