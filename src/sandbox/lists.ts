import { type Answer, ok, zmsError } from './answer.ts';
import type { Call, Handle } from './call.ts';
import { groupDetail, signedGroups } from './groups.ts';
import { listPolicies, policiesOf } from './policies.ts';
import { roleHeads, rolesOf, signedRoles } from './roles.ts';
import type { DomainEntry, DomainReader } from './store.ts';

/** `GET /domain/D/role`: the names in order. A `skip` that is no name starts at the first one again. */
export function roleNames(store: DomainReader): Handle {
  return ({ query }, name = '') => {
    const entry = store.get(name);
    if (entry === undefined) return zmsError(404, `unknown domain - ${name}`);
    const all = [...rolesOf(entry).keys()].sort();
    const rest = all.slice(all.indexOf(query.get('skip') ?? '') + 1);
    const limit = Number(query.get('limit') ?? rest.length);
    const names = rest.slice(0, limit);
    return ok({ names, ...(names.length < rest.length ? { next: names.at(-1) } : {}) });
  };
}

/** `GET /domain/D/roles`: all that is in them with `members=true`, else little more than the names. */
export function roleList(store: DomainReader): Handle {
  return listed(store, 'getRoles', (entry, { query }) => {
    const [tag, value] = [query.get('tagKey'), query.get('tagValue')];
    const kept = [...rolesOf(entry)].filter(([, { tags = {} }]) => {
      if (tag === null) return true;
      const values = new Map(Object.entries(tags)).get(tag);
      return values !== undefined && (value === null || values.includes(value));
    });
    return query.get('members') === 'true' ? signedRoles(entry, kept) : roleHeads(entry, kept);
  });
}

/** `GET /domain/D/groups` */
export function groupList(store: DomainReader): Handle {
  return listed(store, undefined, (entry) => signedGroups(entry));
}

/** `GET /domain/D/group/G` */
export function groupReader(store: DomainReader): Handle {
  return (_, name = '', short = '') => {
    const entry = store.get(name);
    const group = new Map(Object.entries(entry?.domain.groups ?? {})).get(short);
    if (entry === undefined || group === undefined)
      return zmsError(404, `getGroup: Group not found: '${name}:group.${short}'`);
    return ok(groupDetail(entry, short, group));
  };
}

/** `GET /domain/D/policies?assertions=true` */
export function policyList(store: DomainReader): Handle {
  return listed(store, 'getPolicies', (entry) => listPolicies(entry));
}

/** `GET /domain/D/policy/P` */
export function policyReader(store: DomainReader): Handle {
  return (_, name = '', short = '') => {
    const entry = store.get(name);
    const index = entry === undefined ? -1 : [...policiesOf(entry).keys()].indexOf(short);
    const policy = entry && listPolicies(entry)[index];
    return policy ? ok(policy) : zmsError(404, `getPolicy: Policy not found: '${name}:policy.${short}'`);
  };
}

function listed(
  store: DomainReader,
  read: string | undefined,
  list: (entry: DomainEntry, call: Call) => readonly object[],
): Handle {
  return (call, name = ''): Answer => {
    const entry = store.get(name);
    if (entry === undefined)
      return zmsError(404, `${read === undefined ? '' : `${read}: `}Domain not found: '${name}'`);
    return ok({ list: list(entry, call) });
  };
}
