import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sandbox } from '../../src/sandbox/server.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { openSandbox } from '../support/authority.ts';
import { call, clockAt } from './client.ts';

const start = '2026-01-01T00:00:00.000Z';
const state: StateInput = {
  domains: {
    'acme.org': { groups: { infra: ['user.ada'] } },
    'acme.platform': { roles: { sre: ['acme.org:group.infra'] }, assumes: [{ role: 'sre', resource: '*' }] },
    'acme.eks.a': { roles: { admins: ['acme.org:group.infra'], viewers: { trust: 'acme.platform' } } },
  },
};

async function stamps(sandbox: Sandbox): Promise<Record<string, string>> {
  const { body } = await call(sandbox, '/sys/modified_domains?metaonly=true');
  return Object.fromEntries(
    body.domains.map(({ domain }: { domain: Record<string, string> }) => [domain['name'], domain['modified']]),
  );
}

test('stamps the domain whose group changed, not the domains that use the group', async () => {
  const clock = clockAt(start);
  await using sandbox = await openSandbox({ state, now: clock.now });
  const before = await stamps(sandbox);
  clock.set('2026-01-01T00:00:05.250Z');
  sandbox.update(({ domains }) => ({
    domains: { ...domains, 'acme.org': { groups: { infra: ['user.ada', 'user.bo'] } } },
  }));
  assert.deepEqual(await stamps(sandbox), { ...before, 'acme.org': '2026-01-01T00:00:05.250Z' });
});

test('stamps increase even if the clock stands still or goes back', async () => {
  const clock = clockAt(start);
  await using sandbox = await openSandbox({ state, now: clock.now });
  const seen = [(await stamps(sandbox))['acme.org'] ?? ''];
  for (const time of [start, start, '2025-01-01T00:00:00.000Z']) {
    clock.set(time);
    sandbox.update(({ domains }) => ({
      domains: { ...domains, 'acme.org': { groups: { n: [`user.n${seen.length}`] } } },
    }));
    seen.push((await stamps(sandbox))['acme.org'] ?? '');
  }
  assert.deepEqual(seen, [...new Set(seen)].sort());
});

test('an update that changes nothing stamps nothing, in any notation', async () => {
  await using sandbox = await openSandbox({ state });
  const before = await stamps(sandbox);
  sandbox.update((current) => current);
  sandbox.update(() => state);
  sandbox.update(({ domains }) => ({
    domains: { ...domains, 'acme.org': { enabled: true, groups: { infra: [{ name: 'user.ada', suspended: false }] } } },
  }));
  assert.deepEqual(await stamps(sandbox), before);
});

test('a deletion stamps nothing, and a recreated domain gets a new stamp and id', async () => {
  await using sandbox = await openSandbox({ state });
  const { 'acme.eks.a': deletedStamp, ...rest } = await stamps(sandbox);
  const { id } = (await call(sandbox, '/domain/acme.eks.a')).body;
  const { 'acme.eks.a': removed, ...kept } = sandbox.state().domains;
  sandbox.update(() => ({ domains: kept }));
  assert.deepEqual(await stamps(sandbox), rest);
  assert.equal((await call(sandbox, '/domain/acme.eks.a/signed')).status, 404);

  sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.eks.a': removed ?? null } }));
  assert.ok(((await stamps(sandbox))['acme.eks.a'] ?? '') > (deletedStamp ?? ''));
  assert.notEqual((await call(sandbox, '/domain/acme.eks.a')).body.id, id);
});

test('disabling a domain stamps it', async () => {
  await using sandbox = await openSandbox({ state });
  const before = await stamps(sandbox);
  sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.eks.a': { enabled: false } } }));
  const after = await stamps(sandbox);
  const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
  assert.deepEqual(changed, ['acme.eks.a']);
});
