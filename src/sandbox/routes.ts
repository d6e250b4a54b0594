import { accessReader } from './access.ts';
import type { Answer } from './answer.ts';
import { dispatch, type Route, type ZmsRequest } from './dispatch.ts';
import { deleteDomain, deleteSubdomain, putDomainMeta, putSystemMeta } from './domain-writes.ts';
import { deleteGroup, putGroup, putGroupMeta } from './group-writes.ts';
import { groupList, groupReader, policyList, policyReader, roleList, roleNames } from './lists.ts';
import { deleteMember, putDecision, putMember } from './member-writes.ts';
import { modifiedDomains } from './modified.ts';
import { deletePolicy, putPolicy } from './policy-writes.ts';
import { putQuota, quotaReader } from './quota.ts';
import { domainReader, memberReader, publicKeyReader, read, roleReader, signedReader } from './reads.ts';
import { putRole } from './role-put.ts';
import { deleteRole, putRoleMeta } from './role-writes.ts';
import type { Signer } from './sign.ts';
import type { DomainReader, DomainStore } from './store.ts';
import { postSubdomain } from './subdomain-post.ts';
import { type Desk, write } from './write.ts';

/** Answers every request that ZMS' API knows, and the errors for those that it does not. */
export type Router = (request: ZmsRequest) => Answer;

/**
 * Builds the router over a store.
 *
 * @param reader what reads are answered from: the store itself, or a replica of it
 */
export function createRouter(
  store: DomainStore,
  signer: Signer,
  now: () => number,
  reader: DomainReader = store,
): Router {
  const desk: Desk = { store, now };
  const inDomain = ['DomainName'] as const;
  const entity = ['DomainName', 'EntityName'] as const;
  const routes: readonly Route[] = [
    route('/sys/modified_domains', { GET: read([], (call) => modifiedDomains(reader, signer, now, call)) }),
    route('/access/*/*', { GET: read(['ActionName', 'ResourceName'], accessReader(reader, now)) }),
    route('/subdomain/*', { POST: write(desk, postSubdomain) }),
    route('/subdomain/*/*', { DELETE: write(desk, deleteSubdomain) }),
    route('/domain/*', { GET: read(inDomain, domainReader(reader)), DELETE: write(desk, deleteDomain) }),
    route('/domain/*/signed', { GET: read(inDomain, signedReader(reader, signer)) }),
    route('/domain/*/meta', { PUT: write(desk, putDomainMeta) }),
    route('/domain/*/meta/system/*', { PUT: write(desk, putSystemMeta) }),
    route('/domain/*/quota', { GET: read(inDomain, quotaReader(reader, now)), PUT: write(desk, putQuota) }),
    route('/domain/*/role', { GET: read(inDomain, roleNames(reader)) }),
    route('/domain/*/roles', { GET: read(inDomain, roleList(reader)) }),
    route('/domain/*/role/*', {
      GET: read(entity, roleReader(reader)),
      PUT: write(desk, putRole),
      DELETE: write(desk, deleteRole),
    }),
    route('/domain/*/role/*/meta', { PUT: write(desk, putRoleMeta) }),
    route('/domain/*/role/*/member/*', {
      GET: read([...entity, 'MemberName'], memberReader(reader, now)),
      PUT: write(desk, putMember),
      DELETE: write(desk, deleteMember),
    }),
    route('/domain/*/role/*/member/*/decision', { PUT: write(desk, putDecision) }),
    route('/domain/*/groups', { GET: read(inDomain, groupList(reader)) }),
    route('/domain/*/group/*', {
      GET: read(entity, groupReader(reader)),
      PUT: write(desk, putGroup),
      DELETE: write(desk, deleteGroup),
    }),
    route('/domain/*/group/*/meta', { PUT: write(desk, putGroupMeta) }),
    route('/domain/*/policies', { GET: read(inDomain, policyList(reader)) }),
    route('/domain/*/policy/*', {
      GET: read(entity, policyReader(reader)),
      PUT: write(desk, putPolicy),
      DELETE: write(desk, deletePolicy),
    }),
    route('/domain/*/service/*/publickey/*', {
      GET: read(['DomainName', 'SimpleName', 'SimpleName'], publicKeyReader(signer)),
    }),
  ];
  return (request) => dispatch(routes, request);
}

/** A path in which each `*` is a name. */
function route(path: string, methods: Route['methods']): Route {
  return { path: new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`), methods };
}
