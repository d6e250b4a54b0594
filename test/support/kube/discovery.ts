import { kinds } from './object.ts';
import { type Answer, json } from './status.ts';

/** What a path of discovery answers, of the kinds that the stand-in keeps; undefined for any other path. */
export function discover(path: string): Answer | undefined {
  if (path === '/apis') {
    const named = [...new Set(kinds.map(({ group }) => group))].filter((name) => name !== '');
    const groups = named.map((name) => ({ name, preferredVersion: { groupVersion: `${name}/v1`, version: 'v1' } }));
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups });
  }
  const [, root = '', group = '', version = ''] = /^\/(?:(api)\/v1|apis\/([^/]+)(?:\/([^/]+))?)$/.exec(path) ?? [];
  const found = kinds.filter((it) => (root === 'api' ? it.group === '' : it.group !== '' && it.group === group));
  const groupVersion = root === 'api' ? 'v1' : `${group}/v1`;
  if (found.length === 0 || (version !== '' && version !== 'v1')) return undefined;
  if (root !== 'api' && version === '') {
    const only = { groupVersion, version: 'v1' };
    return json(200, { kind: 'APIGroup', apiVersion: 'v1', name: group, versions: [only], preferredVersion: only });
  }
  const resources = found.map(({ kind, resource: name, namespaced }) => ({
    name,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  }));
  return json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
}
