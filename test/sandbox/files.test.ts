import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';

test('writes working credentials and replaces older ones', async () => {
  await using sandbox = await openSandbox();
  const root = await mkdtemp(join(tmpdir(), 'sandbox-'));
  try {
    const dir = join(root, 'certs');
    await writeCredentials(sandbox, dir, { principal: 'user.old' });
    await writeFile(join(dir, 'client.key'), 'old', { mode: 0o644 });
    const paths = await writeCredentials(sandbox, dir, { principal: 'sys.gitops.sync' });
    assert.deepEqual(paths, {
      caPath: join(dir, 'ca.crt'),
      certPath: join(dir, 'client.crt'),
      keyPath: join(dir, 'client.key'),
      publicKeyPath: join(dir, 'zms.pub'),
    });
    assert.equal((await stat(paths.keyPath)).mode & 0o777, 0o600);
    assert.equal(await readFile(paths.publicKeyPath, 'utf8'), sandbox.publicKeys['0']);
    const credentials = { cert: await readFile(paths.certPath, 'utf8'), key: await readFile(paths.keyPath, 'utf8') };
    const ca = await readFile(paths.caPath, 'utf8');
    assert.equal((await call(sandbox, '/domain/user', { credentials, ca })).status, 200);
    assert.equal(sandbox.requests[0]?.principal, 'sys.gitops.sync');
  } finally {
    await rm(root, { recursive: true });
  }
});
