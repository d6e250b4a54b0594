import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainMeta, RoleMeta, ZmsWrites } from '../../src/athenz/writes.ts';
import type { Tags } from '../../src/model/domain.ts';
import { AppError } from '../../src/model/error.ts';
import { readExchange } from '../sandbox/exchange.ts';
import { replay } from '../support/replay.ts';

type WireTags = Readonly<Record<string, { readonly list: readonly string[] }>>;
interface Body {
  readonly tags?: WireTags;
  readonly adminUsers?: readonly string[];
  readonly roleMembers?: readonly { readonly memberName: string }[];
  readonly groupMembers?: readonly { readonly memberName: string }[];
  readonly assertions?: readonly { readonly role: string; readonly resource: string }[];
}

/** Calls the client method that matches a request recorded from a real ZMS. */
function callFor(writes: ZmsWrites, method: string, path: string, requestBody: unknown): Promise<unknown> {
  const { name: _, parent: __, ...body } = (requestBody ?? {}) as Body & { name?: string; parent?: string };
  const { tags: wire = {}, adminUsers = [], roleMembers = [], groupMembers = [], assertions = [], ...rest } = body;
  const tags: Tags = Object.fromEntries(Object.entries(wire).map(([key, { list }]) => [key, list]));
  const members = [...roleMembers, ...groupMembers].map(({ memberName }) => memberName);
  const [, , where = '', kind = '', name = '', meta] = path.replace('/zms/v1', '').split('/');
  const short = (requestBody as { name?: string } | undefined)?.name ?? '';
  switch (`${method} ${meta === undefined ? (kind === 'meta' ? 'domain meta' : kind) : `${kind} ${meta}`}`) {
    case 'POST ':
      return writes.createDomain(`${where}.${short}`, { ...rest, adminUsers, tags });
    case 'PUT role':
      return writes.putRole(where, name, { ...rest, members, tags });
    case 'PUT group':
      return writes.putGroup(where, name, members);
    case 'PUT policy':
      return writes.putPolicy(where, name, assertions[0] ?? { role: '', resource: '' });
    case 'PUT domain meta':
      return writes.updateDomain(where, { ...rest, tags } as unknown as DomainMeta);
    case 'PUT role meta':
      return writes.updateRole(where, name, { ...rest, tags } as unknown as RoleMeta);
    case 'GET quota':
      return writes.subdomainQuota(where);
    case 'GET ':
      return writes.lookForDomain(where);
    case 'GET role':
    case 'GET group':
    case 'GET policy':
      return writes.lookFor(kind as 'role', where, name);
    default:
      // DELETE /subdomain/{parent}/{name}
      return writes.deleteDomain(`${where}.${kind}`);
  }
}

/** Drops empty tags and members. */
function withoutEmpty(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const { tags, roleMembers, groupMembers, ...rest } = body as Body;
  const filled = (value: object | undefined) => value !== undefined && Object.keys(value).length > 0;
  return {
    ...rest,
    ...(filled(tags) ? { tags } : {}),
    ...(filled(roleMembers) ? { roleMembers } : {}),
    ...(filled(groupMembers) ? { groupMembers } : {}),
  };
}

/** The result of each recording: a value or an error code. */
const results: Readonly<Record<string, unknown>> = {
  'authz/delete-sub-as-service': undefined,
  'authz/post-sub-as-service-before-policy': 'ZMS_FORBIDDEN',
  'authz/post-sub-as-service-deeper': 'ZMS_FORBIDDEN',
  'authz/post-sub-as-service-ok': 'created',
  'authz/put-provisioner-role': 'created',
  'authz/put-role-as-service-in-other-domain': 'ZMS_FORBIDDEN',
  'authz/put-role-as-service-in-own-domain': 'created',
  'domain/delete-after-group-unreferenced': undefined,
  'domain/delete-no-owner-409': 'ZMS_OWNED',
  'domain/delete-other-owner-409': 'ZMS_OWNED',
  'domain/delete-right-owner': undefined,
  'domain/delete-sub-forbidden': 'ZMS_FORBIDDEN',
  'domain/delete-sub-missing': 'ZMS_NOT_FOUND',
  'domain/delete-sub-ok': undefined,
  'domain/delete-with-referenced-group': 'ZMS_REFUSED',
  'domain/delete-with-subdomains': 'ZMS_REFUSED',
  'domain/get-domain-admin-policy': true,
  'domain/get-domain-dev-admin-role': true,
  'domain/get-domain-missing': undefined,
  'domain/get-domain-no-auth': 'ZMS_UNAUTHENTICATED',
  'domain/post-sub-bad-admin': 'ZMS_REFUSED',
  'domain/post-sub-created': 'created',
  'domain/post-sub-deep-missing-parent': 'ZMS_NOT_FOUND',
  'domain/post-sub-forbidden': 'ZMS_FORBIDDEN',
  'domain/post-sub-group-admin-missing': 'ZMS_REFUSED',
  'domain/post-sub-missing-parent': 'ZMS_NOT_FOUND',
  'domain/post-sub-no-auth': 'ZMS_UNAUTHENTICATED',
  'domain/post-sub-ns-63': 'created',
  'domain/post-sub-ns-created': 'created',
  'domain/post-sub-ns-dash': 'created',
  'domain/post-sub-ns-digit': 'created',
  'domain/post-sub-ns-double-dash': 'created',
  'domain/post-sub-ns-toolong': 'ZMS_REFUSED',
  'domain/post-sub-ns-trailing-dash': 'created',
  'domain/post-sub-ns-underscore': 'created',
  'domain/post-sub-repeat': 'there',
  'domain/post-sub-unknown-service-admin': 'ZMS_REFUSED',
  'domain/put-meta-member-expiry': undefined,
  'domain/put-role-in-disabled': 'ZMS_FORBIDDEN',
  'domain/recreate-after-delete': 'created',
  'error/role-members-quota-exceeded': 'ZMS_QUOTA',
  'error/subdomain-quota-exceeded': 'ZMS_QUOTA',
  'error/not-acceptable-406': 'ZMS_BAD_RESPONSE',
  'group/get-group': true,
  'group/get-missing': false,
  'group/put-group-204': 'created',
  'group/put-group-wildcard-member': 'ZMS_REFUSED',
  'group/put-nested-group': 'ZMS_REFUSED',
  'meta/domain-put-meta-tags-only': undefined,
  'meta/role-put-meta-tags': undefined,
  'meta/role-put-meta-with-flags': undefined,
  'meta/role-race-0': 'created',
  'meta/role-race-2': 'there',
  'meta/role-put-tag-bad-value': 'ZMS_REFUSED',
  'meta/role-put-tag-quota': 'ZMS_REFUSED',
  'policy/put-assume-role': 'created',
  'quota/get-quota': 5000,
  'role/get-missing': false,
  'role/get-missing-domain': false,
  'role/put-bad-member': 'ZMS_REFUSED',
  'role/put-dash-underscore-name': 'created',
  'role/put-dotted-name': 'created',
  'role/put-forbidden': 'ZMS_FORBIDDEN',
  'role/put-group-member': 'created',
  'role/put-memberExpiryDays': 'created',
  'role/put-missing-domain': 'ZMS_NOT_FOUND',
  'role/put-missing-group-member': 'ZMS_REFUSED',
  'role/put-new-review-role-with-members': 'created',
  'role/put-no-auth': 'ZMS_UNAUTHENTICATED',
  'role/put-no-members': 'created',
  'role/put-no-owner-on-owned': 'ZMS_OWNED',
  'role/put-regular-204': 'created',
  'role/put-review': 'created',
  'role/put-selfserve': 'created',
  'role/put-service-member': 'created',
  'role/put-tags': 'created',
  'role/put-trust': 'created',
  'role/put-trust-missing-domain': 'ZMS_REFUSED',
  'role/put-trust-self': 'ZMS_REFUSED',
  'role/put-unknown-domain-member': 'ZMS_REFUSED',
  'role/put-unknown-user': 'created',
};

for (const [name, expected] of Object.entries(results)) {
  test(`${name}: sends and reads as recorded`, async () => {
    const { request, response } = readExchange(name);
    const { 'Athenz-Resource-Owner': owner = null } = request.headers;
    const onDomain = !/\/(role|group|policy)\//.test(request.path);
    await using fixture = await replay(response, { owner: onDomain ? owner : 'athenz-gitops' });
    const actual = await callFor(fixture.writes, request.method, request.path, request.body).catch((error) => {
      assert.ok(error instanceof AppError, String(error));
      const { code, message = '' } = (response.body || {}) as { code?: number; message?: string };
      if (code !== undefined) assert.ok(error.message.includes(message.split('\n')[0] ?? ''), error.message);
      assert.ok(error.next);
      return error.code;
    });
    assert.deepEqual(actual, expected);
    const [sent, ...more] = fixture.sent;
    assert.deepEqual([sent?.method, sent?.path, more], [request.method, request.path, []]);
    assert.deepEqual(withoutEmpty(sent?.body), withoutEmpty(request.body));
    assert.equal(sent?.headers['athenz-resource-owner'], owner ?? undefined);
    assert.equal(sent?.headers['y-audit-ref'], request.method === 'GET' ? undefined : 'athenz-gitops');
  });
}

// Any other read may come from a stale replica.
test('lookForDomain takes the modification time from the list', async () => {
  const [domain, listed] = ['domain/get-domain', 'modified/domain-metaonly'].map(readExchange);
  assert.ok(domain !== undefined && listed !== undefined);
  await using fixture = await replay([domain.response, listed.response]);
  assert.equal(await fixture.writes.lookForDomain('eks.users.ns1'), '2026-11-21T01:28:12.071Z');
  assert.deepEqual(
    fixture.sent.map(({ path }) => new URL(path, 'https://x').searchParams.get('domain') ?? path),
    [domain.request.path, 'eks.users.ns1'],
  );
});
