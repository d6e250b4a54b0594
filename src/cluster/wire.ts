import { z } from 'zod';
import type { LiveBinding, LiveNamespace, LiveOwner, LiveRole, LiveWrite } from '../model/cluster.ts';
import { AppError } from '../model/error.ts';
import { compareSubjects, type Subject, subjectKey } from '../model/grant.ts';
import { textsOf } from '../model/inventory.ts';
import { annotationKey, managedByKey, managedByValue } from '../model/manifest.ts';

/* What of an API server's answers is used, and checked first: what is not as it has to be is no answer. */

const text = z.string();
const metadata = z.object({
  name: text.min(1),
  namespace: text.min(1),
  labels: z.record(text, text).nullish(),
  annotations: z.object({ [annotationKey]: text.nullish() }).nullish(),
  managedFields: z
    .array(z.object({ manager: text.nullish(), time: text.nullish(), fieldsV1: z.record(text, z.unknown()).nullish() }))
    .nullish(),
});
const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['User', 'Group']), name: text }),
  z.object({ kind: z.literal('ServiceAccount'), name: text, namespace: text.nullish() }),
]);
const binding = z.object({
  metadata,
  roleRef: z.object({ kind: z.enum(['Role', 'ClusterRole']), name: text }),
  subjects: z.array(subject).nullish(),
});
const list = z.array(text).nullish();
const role = z.object({
  metadata,
  rules: z.array(z.object({ apiGroups: list, resources: list, verbs: list, resourceNames: list })).nullish(),
});
const namespace = z.object({
  metadata: z.object({
    name: text.min(1),
    uid: text.min(1),
    deletionTimestamp: text.nullish(),
    // Read as those of files are: one that is no text does not make the list unreadable.
    labels: z.unknown().optional(),
  }),
});
const review = z.object({ status: z.object({ allowed: z.boolean(), reason: text.nullish() }) });
const status = z.object({ kind: z.literal('Status'), message: text.nullish(), reason: text.nullish() });

/** How an item of a list is read, and what the list calls itself. */
export interface Kind<T> {
  readonly listKind: string;
  /** Integers beyond 2^53 are read as bigint. */
  readonly exact?: true;
  /** @throws ZodError */
  readonly parse: (item: unknown) => T;
}

/** For one list: a subject that many bindings have is one and the same object in all of them. */
export function bindings(): Kind<LiveBinding> {
  const known = new Map<string, Subject>();
  return {
    listKind: 'RoleBindingList',
    parse: (item) => {
      const { metadata: meta, roleRef, subjects } = binding.parse(item);
      const athenzRole = meta.annotations?.[annotationKey];
      return {
        ...headOf(meta, 'f:subjects'),
        ...(typeof athenzRole === 'string' ? { athenzRole } : {}),
        roleRef,
        subjects: uniqueSubjects(subjects ?? [], meta.namespace, known),
      };
    },
  };
}

export const roles: Kind<LiveRole> = {
  listKind: 'RoleList',
  parse: (item) => {
    const { metadata: meta, rules } = role.parse(item);
    return {
      ...headOf(meta, 'f:rules'),
      rules: (rules ?? []).map(({ apiGroups, resources, verbs, resourceNames }) => ({
        apiGroups: apiGroups ?? [],
        resources: resources ?? [],
        verbs: verbs ?? [],
        ...(resourceNames ? { resourceNames } : {}),
      })),
    };
  },
};

export const namespaces: Kind<LiveNamespace> = {
  listKind: 'NamespaceList',
  parse: (item) => {
    const { name, deletionTimestamp, ...it } = namespace.parse(item).metadata;
    const labels = textsOf(it.labels);
    return { name, terminating: (deletionTimestamp ?? '') !== '', ...(labels === undefined ? {} : { labels }) };
  },
};

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Asks for the next page; empty on the last one. */
  readonly next: string;
}

/** @throws AppError `CLUSTER_BAD_RESPONSE` */
export function parsePage<T>(body: string, kind: Kind<T>, doing: string): Page<T> {
  const read = (data: unknown) => {
    const page = z
      .object({
        kind: z.literal(kind.listKind),
        metadata: z.object({ continue: text.nullish() }),
        items: z.array(z.unknown()).nullable(),
      })
      .parse(data);
    return { items: (page.items ?? []).map(kind.parse), next: page.metadata.continue ?? '' };
  };
  return understand(body, doing, read, kind.exact ? bigIntegers : undefined);
}

/** uid of a Namespace. @throws AppError `CLUSTER_BAD_RESPONSE` */
export function parseUid(body: string, doing: string): string {
  return understand(body, doing, (data) => namespace.parse(data).metadata.uid);
}

/** The answer to a SubjectAccessReview. @throws AppError `CLUSTER_BAD_RESPONSE` */
export function parseReview(body: string, doing: string): { readonly allowed: boolean; readonly reason: string } {
  return understand(body, doing, (data) => {
    const { allowed, reason } = review.parse(data).status;
    return { allowed, reason: reason ?? '' };
  });
}

/** The server's own words in a `Status`; undefined for anything else. */
export function wordsOf(body: string): string | undefined {
  try {
    const parsed = status.safeParse(JSON.parse(body));
    return parsed.success ? (parsed.data.message ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An integer that a number does not hold, as the text has it. */
const bigIntegers: Reviver = (_, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;

/** Parses an answer. @throws AppError `CLUSTER_BAD_RESPONSE` where it is no JSON, or not what `parse` takes */
export function understand<T>(body: string, doing: string, parse: (data: unknown) => T, reviver?: Reviver): T {
  try {
    return parse(JSON.parse(body, reviver as Parameters<JSON['parse']>[1]));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue === undefined ? 'not JSON, or truncated' : `${issue.path.join('.')} ${issue.message}`;
    const next = 'check the server of the kubeconfig: a proxy may have answered';
    throw new AppError('CLUSTER_BAD_RESPONSE', `${doing}: invalid response: ${why}`, { next, cause: error });
  }
}

type Metadata = z.output<typeof metadata>;

function headOf(meta: Metadata, field: string) {
  const written = lastWrite(meta.managedFields ?? [], field);
  return {
    namespace: meta.namespace,
    name: meta.name,
    owner: ownerOf(meta.labels ?? {}),
    ...(written === undefined ? {} : { written }),
  };
}

/** In-cluster operators put `managed-by: athenz-syncer` on what they bind. */
export const operatorLabel = { key: 'managed-by', value: 'athenz-syncer' } as const;

function ownerOf(labels: Readonly<Record<string, string>>): LiveOwner {
  if (labels[managedByKey] === managedByValue) return 'athenz-gitops';
  return labels[operatorLabel.key] === operatorLabel.value ? 'operator' : 'other';
}

/**
 * Who wrote the field that decides access last: a roleRef never changes, labels and annotations decide nothing. For a
 * removed field the server does not keep the writer.
 */
function lastWrite(managed: NonNullable<Metadata['managedFields']>, field: string): LiveWrite | undefined {
  let last: LiveWrite | undefined;
  for (const { fieldsV1, ...it } of managed) {
    const [manager, time] = [it.manager ?? '', it.time ?? ''];
    const owns = fieldsV1?.[field] !== undefined;
    if (owns && time !== '' && (last === undefined || time > last.at)) last = { manager, at: time };
  }
  return last;
}

function uniqueSubjects(
  subjects: readonly z.output<typeof subject>[],
  own: string,
  known: Map<string, Subject>,
): readonly Subject[] {
  const all = subjects.map((it): Subject => {
    // Without a namespace a ServiceAccount is one of the binding's own.
    const read = it.kind === 'ServiceAccount' ? { ...it, namespace: it.namespace || own } : it;
    const key = subjectKey(read);
    const one = known.get(key) ?? read;
    known.set(key, one);
    return one;
  });
  return [...new Set(all)].sort(compareSubjects);
}
