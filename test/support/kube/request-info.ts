/** What a request asks to do, in the words of an authorizer. */
export type Attributes = ResourceAttributes | { readonly verb: string; readonly path: string };

export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Reads a path as kube-apiserver does: whatever lies below a version is a resource, known or not. */
export function attributesOf(method: string, url: URL): Attributes {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = parts;
  const nonResource = { verb: method.toLowerCase(), path: url.pathname };
  if (root !== 'api' && root !== 'apis') return nonResource;
  const group = root === 'api' ? '' : (rest.shift() ?? '');
  rest.shift();
  if (rest.length === 0) return nonResource;
  let namespace = '';
  let [resource = '', name = '', subresource = ''] = rest;
  if (resource === 'namespaces') {
    namespace = name;
    if (rest.length > 2) [resource = '', name = '', subresource = ''] = rest.slice(2);
  }
  return { verb: verbOf(method, name, url), group, resource, subresource, namespace, name };
}

function verbOf(method: string, name: string, { searchParams }: URL): string {
  const verb = verbs[method];
  if (verb !== undefined) return verb === 'delete' && name === '' ? 'deletecollection' : verb;
  if (['1', 'true'].includes(searchParams.get('watch') ?? '')) return 'watch';
  return name === '' ? 'list' : 'get';
}
