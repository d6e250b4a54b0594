import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProvisionResult } from '../../src/provision/result.ts';
import { makeFolder } from '../support/folder.ts';
import { gitEnv, gitIn } from '../support/repository.ts';
import { runMain, serveSandbox } from '../support/run.ts';

test("the sandbox's own config provisions to the end, and its key stays out of git", async () => {
  await using folder = await makeFolder();
  const { dir } = folder;
  const options = { cwd: dir, env: gitEnv };
  const provision = async (): Promise<ProvisionResult> => {
    const { code, out, err } = await runMain(['provision', '--apply', '--json'], options);
    assert.equal(code, 0, out + err);
    return JSON.parse(out);
  };
  {
    await using _sandbox = await serveSandbox(['--dir', '.', '--port', '0'], options);
    const { steps } = await provision();
    assert.ok(steps.length > 0 && steps.every(({ outcome }) => outcome.kind === 'done'));
    assert.deepEqual((await provision()).steps, []);
    assert.equal((await runMain(['plan'], options)).code, 0);
    gitIn(dir, 'add', '-A');
    const files = gitIn(dir, 'ls-files').trim().split('\n');
    assert.deepEqual(files, ['.gitignore', 'athenz-gitops.yaml', 'clusters/prod/namespaces.yaml']);
  }

  // The next start leaves a repository alone.
  await writeFile(join(dir, '.gitignore'), 'mine\n');
  const head = gitIn(dir, 'rev-parse', 'HEAD');
  assert.equal((await runMain(['sandbox', '--dir', '.', '--port', '0'], options)).code, 0);
  assert.deepEqual(
    [gitIn(dir, 'rev-parse', 'HEAD'), await readFile(join(dir, '.gitignore'), 'utf8')],
    [head, 'mine\n'],
  );
});
