import { review } from './access-review.ts';
import { discover } from './discovery.ts';
import { list } from './list.ts';
import { discoveryGroup, type Kind, kinds, rbacGroup } from './object.ts';
import { decide, type User } from './rbac.ts';
import { type Attributes, attributesOf, type ResourceAttributes } from './request-info.ts';
import { type Answer, failed, json, noSuchResource, notAllowed, plain, Refusal } from './status.ts';
import type { Store } from './store.ts';
import { type Watchers, watch } from './watch.ts';

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly type: string;
  readonly body: string;
}

const groups: readonly string[] = ['', discoveryGroup, rbacGroup, 'authorization.k8s.io'];

/** Answers what somebody whose name is known asks. */
export function answer(store: Store, watchers: Watchers, user: User, call: Call): Answer {
  try {
    const attributes = attributesOf(call.method, call.url);
    const { allowed, reason } = decide(store.current(), user, attributes);
    if (!allowed) throw forbidden(user, attributes, reason);
    return 'path' in attributes ? plainly(attributes.path) : serve(store, watchers, attributes, call);
  } catch (error) {
    if (error instanceof Refusal) return failed(error.failure);
    throw error;
  }
}

function plainly(path: string): Answer {
  if (path === '/healthz' || path === '/readyz') return plain(200, 'ok');
  if (path === '/version')
    return json(200, { major: '1', minor: '36', gitVersion: 'v1.36.3', platform: 'linux/amd64' });
  return discover(path) ?? plain(404, '404 page not found\n');
}

function serve(store: Store, watchers: Watchers, attributes: ResourceAttributes, { url, type, body }: Call): Answer {
  const { verb, group, resource, subresource, namespace, name } = attributes;
  if (!groups.includes(group)) return plain(404, '404 page not found\n');
  if (group === 'authorization.k8s.io' && resource === 'subjectaccessreviews' && name === '' && namespace === '') {
    if (verb !== 'create') throw notAllowed;
    if (!/^application\/json\b/.test(type)) throw unsupported;
    return review(store.current(), body);
  }
  const kind = kinds.find((one) => one.group === group && one.resource === resource);
  if (kind === undefined || subresource !== '' || !isPlaceFor(kind, attributes)) throw noSuchResource;
  if (verb === 'list') return list(store, kind, kind.namespaced ? namespace : '', url.searchParams);
  if (verb === 'watch') return watch(store, watchers, kind, kind.namespaced ? namespace : '', url.searchParams);
  if (verb !== 'get') throw notAllowed;
  const found = store.current().get(kind.kind, kind.namespaced ? namespace : undefined, name);
  if (found === undefined)
    throw new Refusal({
      code: 404,
      reason: 'NotFound',
      message: `${full(attributes)} "${name}" not found`,
      details: detailsOf(attributes),
    });
  return json(200, { ...found });
}

/** One object has its namespace in the path; a namespace is its own, and a cluster's object has none. */
function isPlaceFor(kind: Kind, { namespace, name }: ResourceAttributes): boolean {
  if (kind.kind === 'Namespace') return namespace === name;
  return kind.namespaced ? name === '' || namespace !== '' : namespace === '';
}

const unsupported = new Refusal({
  code: 415,
  reason: 'UnsupportedMediaType',
  message:
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
});

function forbidden(user: User, attributes: Attributes, reason: string): Refusal {
  const why = reason === '' ? '' : `: ${reason}`;
  const who = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  const refusal = (message: string, details: object) =>
    new Refusal({ code: 403, reason: 'Forbidden', message, details });
  if ('path' in attributes) return refusal(`forbidden: ${who} path ${JSON.stringify(attributes.path)}${why}`, {});
  const { group, resource, subresource, namespace, name } = attributes;
  const what = `${full(attributes)}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  const asked = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const message = `${what} is forbidden: ${who} resource ${asked} in API group "${group}" ${where}${why}`;
  return refusal(message, detailsOf(attributes));
}

function full({ resource, group }: ResourceAttributes): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function detailsOf({ name, group, resource }: ResourceAttributes): object {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource };
}
