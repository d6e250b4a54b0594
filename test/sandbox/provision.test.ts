import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { call } from './client.ts';

const state = {
  domains: {
    acme: null,
    'acme.eks': {
      roles: { provisioner: ['acme.platform.gitops'] },
      policies: { provisioner: [{ role: 'provisioner', resource: 'acme.eks:domain', action: 'create' }] },
    },
    'acme.platform': null,
  },
};

/** A write by the provisioner. */
async function send(sandbox: Sandbox, method: string, path: string, body?: unknown, headers = {}) {
  const credentials = await sandbox.authority.issue({ principal: 'acme.platform.gitops' });
  return call(sandbox, path, { method, body, headers, credentials });
}

async function documentOf(sandbox: Sandbox, domain: string) {
  const { payload } = (await call(sandbox, `/domain/${domain}/signed`)).body;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const shop = { name: 'shop', parent: 'acme.eks', adminUsers: ['acme.platform.gitops', 'user.ada'] };

test('what is written shows in the list, the signed document and the role', async () => {
  await using sandbox = await startSandbox({ state });
  const list = async () => (await call(sandbox, '/sys/modified_domains?metaonly=true')).headers.etag ?? '';
  const before = await list();
  assert.equal((await send(sandbox, 'POST', '/subdomain/acme.eks', shop)).status, 200);
  const made = await list();
  assert.ok(made > before);
  const role = {
    name: 'acme.eks.shop:role.k8s_ns_admins',
    memberExpiryDays: 30,
    tags: { team: { list: ['shop'] } },
    roleMembers: [],
  };
  assert.equal((await send(sandbox, 'PUT', '/domain/acme.eks.shop/role/k8s_ns_admins', role)).status, 204);
  assert.ok((await list()) > made);
  const { roles, modified } = await documentOf(sandbox, 'acme.eks.shop');
  assert.equal(`"${modified}"`, await list());
  const written = { memberExpiryDays: 30, tags: role.tags, name: role.name, modified };
  assert.deepEqual(roles[1], written);
  assert.deepEqual((await call(sandbox, '/domain/acme.eks.shop/role/k8s_ns_admins')).body, written);
});
