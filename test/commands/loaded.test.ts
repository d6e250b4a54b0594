import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type KubeFixture, openKubeFixture } from '../support/kube-fixture.ts';
import { gitEnv } from '../support/repository.ts';

// Slow packages are loaded only by the commands that need them.

const bin = fileURLToPath(new URL('../../bin/athenz-gitops.js', import.meta.url));
/** Prints the loaded packages to stderr at exit. */
const spy = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) loaded.add(name);
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(JSON.stringify([...loaded])));
`)}`;

const slowPackages = ['@kubernetes/client-node', '@octokit/core'];

const cases: readonly (readonly [args: readonly string[], loads: readonly string[]])[] = [
  [['--version'], []],
  [['drift', '--help'], []],
  [['render', '--check'], []],
  [['plan'], []],
  [['sync', '--dry-run'], []],
  [['snapshot', '--output', '../snapshot.jsonl'], []],
  [['drift'], ['@kubernetes/client-node']],
];

let fixture: KubeFixture | undefined;
for (const [args, loads] of cases) {
  test(`${args.join(' ')} loads ${loads.join(' and ') || 'no slow package'}`, async () => {
    fixture ??= await openKubeFixture();
    const options = { cwd: fixture.dir, env: { ...gitEnv }, encoding: 'utf8' } as const;
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', spy, bin, ...args], options);
    const found = JSON.parse(stderr) as readonly string[];
    assert.deepEqual(
      slowPackages.filter((name) => found.includes(name)),
      loads,
    );
    assert.equal(found.includes('commander'), true, 'the spy sees loaded packages');
  });
}
after(() => fixture?.[Symbol.asyncDispose]());
