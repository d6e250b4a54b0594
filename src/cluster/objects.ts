import { z } from 'zod';
import { AppError } from '../model/error.ts';
import type { ObjectQuery } from '../model/object-query.ts';
import { type Listing, readList } from './list.ts';
import type { ClusterSession } from './session.ts';
import { understand } from './wire.ts';

/** What the API server tells of a kind (kubernetes.io/docs/concepts/overview/kubernetes-api, "Discovery API"). */
interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
}

const groupsSchema = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: z.object({ version: z.string() }) })),
});
const resourcesSchema = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
const named = z.looseObject({ metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().min(1) }) });

/**
 * Lists objects of any namespaced kind. One by its name is listed as well: a complete list without it says that it does not exist,
 * where a 404 may also mean that the kind does not.
 *
 * @returns each as the API server gives it, with `apiVersion` and `kind`, which items of a list lack
 * @throws AppError `CLUSTER_…`
 */
export async function listObjects(session: ClusterSession, query: ObjectQuery): Promise<readonly unknown[]> {
  const { kind, namespace, name } = query;
  const { apiVersion, what, path, selectors } = await locateObjects(session, query);
  const items = await readList(session, {
    what,
    path,
    kind: {
      listKind: `${kind}List`,
      exact: true,
      parse: (item) => {
        const { metadata } = named.parse(item);
        return { namespace: metadata.namespace, name: metadata.name, body: item };
      },
    },
    ...selectors,
  });
  // What a server gives that was not asked for is not what a sync names.
  const asked = items.filter((it) => it.namespace === namespace && (name === undefined || it.name === name));
  return asked.map(({ body }) => ({ ...(typeof body === 'object' ? body : {}), apiVersion, kind }));
}

/** Where the API server has the objects of a query. */
export interface Located {
  readonly apiVersion: string;
  /** For messages: `the services in team-a of cluster prod`. */
  readonly what: string;
  readonly path: string;
  readonly selectors: Pick<Listing<unknown>, 'labelSelector' | 'fieldSelector'>;
}

/** Asks the API server what it calls the kind. @throws AppError `CLUSTER_…` */
export async function locateObjects(session: ClusterSession, query: ObjectQuery): Promise<Located> {
  const { namespace, name, labelSelector } = query;
  const { apiVersion, plural } = await discover(session, query);
  return {
    apiVersion,
    what: `the ${plural} in ${namespace} of cluster ${session.cluster}`,
    path: `${rootOf(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
    selectors: {
      // As a field selector escapes a value (apimachinery, `fields.EscapeValue`).
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name.replace(/[\\,=]/g, '\\$&')}` }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    },
  };
}

async function discover(session: ClusterSession, { group, version, kind }: ObjectQuery): Promise<Resource> {
  const apiVersion =
    group === '' ? (version ?? 'v1') : `${group}/${version ?? (await preferredVersion(session, group))}`;
  const doing = `finding the kind ${kind} of ${apiVersion} in cluster ${session.cluster}`;
  const { resources } = await session.ask(doing, { path: rootOf(apiVersion) }, (body) =>
    understand(body, doing, resourcesSchema.parse),
  );
  const found = resources.find((it) => it.kind === kind && !it.name.includes('/'));
  if (found === undefined) {
    throw missing(doing);
  }
  if (!found.namespaced) {
    throw new AppError('CLUSTER_REFUSED', `${doing}: it is cluster scoped`, { next: 'name a kind that is namespaced' });
  }
  return { apiVersion, plural: found.name };
}

/** The list of all groups, as a 404 of one may also be that of a proxy. */
async function preferredVersion(session: ClusterSession, group: string): Promise<string> {
  const doing = `finding the API group ${group} in cluster ${session.cluster}`;
  const { groups } = await session.ask(doing, { path: '/apis' }, (body) => understand(body, doing, groupsSchema.parse));
  const found = groups.find(({ name }) => name === group);
  if (found === undefined) throw missing(doing);
  return found.preferredVersion.version;
}

function missing(doing: string): AppError {
  return new AppError('CLUSTER_KIND_MISSING', `${doing}: the API server does not have it`, {
    next: 'correct group, version and kind of the source',
  });
}

function rootOf(apiVersion: string): string {
  const parts = apiVersion.split('/');
  // A part such as ".." would lead elsewhere.
  if (!parts.every((part) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(part))) {
    throw new AppError('CLUSTER_REFUSED', `${apiVersion} is no apiVersion`, {
      next: 'correct group and version of the source',
    });
  }
  const path = parts.join('/');
  return apiVersion.includes('/') ? `/apis/${path}` : `/api/${path}`;
}
