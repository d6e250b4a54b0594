import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { gitEnv } from '../support/repository.ts';
import type { Ran, RunOptions } from '../support/run.ts';

const commands = ['render', 'plan', 'sync', 'snapshot'] as const;
const esc = '\u001b';
const terminal: RunOptions = { outIsTerminal: true, errIsTerminal: true };

test('--json prints exactly one JSON document to stdout', async () => {
  await using fixture = await openFixture();
  for (const command of commands) {
    const { out, err } = await fixture.expect(0, [command, '--json', '--log-level', 'debug']);
    const parsed = JSON.parse(out);
    assert.equal(out, `${JSON.stringify(parsed, null, 2)}\n`);
    if (command !== 'snapshot') {
      assert.deepEqual([parsed.format, parsed.command, parsed.exitCode], ['athenz-gitops run 2', command, 0]);
      assert.doesNotMatch(out, /"text":/);
    }
    assert.equal(err.includes('{'), false);
  }
});

test('logs go to stderr with --json, and a failure leaves stdout empty', async () => {
  await using fixture = await openFixture();
  const { out, err } = await fixture.expect(0, ['sync', '--log-level', 'debug', '--json']);
  assert.match(err, /^debug: base main at [0-9a-f]{40}\n$/);
  assert.doesNotMatch(out, /debug:/);
  await fixture.sandbox.close();
  const failed = await fixture.expect(1, ['sync', '--json']);
  assert.equal(failed.out, '');
});

test('--json contains the exit code', async () => {
  await using fixture = await openFixture();
  for (const [code, args] of [
    [5, ['plan', '--exit-code']],
    [5, ['render', '--check']],
    [0, ['sync', '--dry-run']],
  ] as const) {
    assert.equal(JSON.parse((await fixture.expect(code, [...args, '--json'])).out).exitCode, code);
  }
});

test('--quiet prints only errors', async () => {
  await using fixture = await openFixture();
  for (const command of commands) {
    const { out, err } = await fixture.expect(0, [command, '--quiet'], terminal);
    assert.equal(out + err, '', command);
  }
  await fixture.sandbox.close();
  const { out, err } = await fixture.expect(1, ['sync', '--quiet']);
  assert.equal(out, '');
  assert.match(err, /^error: ZMS_UNREACHABLE/);
});

const colours: readonly (readonly [name: string, options: RunOptions, coloured: boolean])[] = [
  ['a terminal', terminal, true],
  ['a pipe', {}, false],
  ['a pipe, with a terminal for stderr', { errIsTerminal: true }, false],
  ['a terminal with NO_COLOR', { ...terminal, env: { ...gitEnv, NO_COLOR: '1' } }, false],
  ['a terminal with an empty NO_COLOR', { ...terminal, env: { ...gitEnv, NO_COLOR: '' } }, true],
  ['a dumb terminal', { ...terminal, env: { ...gitEnv, TERM: 'dumb' } }, false],
  ['a terminal with CLICOLOR=0', { ...terminal, env: { ...gitEnv, CLICOLOR: '0' } }, false],
  ['a terminal with FORCE_COLOR=0', { ...terminal, env: { ...gitEnv, FORCE_COLOR: '0' } }, false],
  ['a pipe with FORCE_COLOR', { env: { ...gitEnv, FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' } }, true],
  ['a pipe with CLICOLOR_FORCE', { env: { ...gitEnv, CLICOLOR_FORCE: '1' } }, true],
];
test('prints colour only on a terminal that supports it', async (t) => {
  await using fixture = await openFixture();
  let plain: string | undefined;
  for (const [name, options, coloured] of colours) {
    await t.test(name, async () => {
      const { out } = await fixture.expect(5, ['render', '--check'], options);
      assert.equal(out.includes(esc), coloured);
      // Only the colour differs.
      const text = withoutTimes(out).replaceAll(/\u001b\[\d+m/g, '');
      plain ??= text;
      assert.equal(text, plain);
    });
  }
});

test('text for people is wrapped to the terminal, and JSON and pipes are not', async () => {
  await using fixture = await openFixture();
  const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
  const narrow = { ...terminal, env: { ...gitEnv, NO_COLOR: '1', CI: '1' }, outWidth: 60, errWidth: 60 };
  const piped = await fixture.expect(5, ['render', '--check']);
  const wrapped = await fixture.expect(5, ['render', '--check'], narrow);
  assert.ok(longest(piped.out) > 100);
  assert.ok(longest(wrapped.out) <= 60, wrapped.out);
  const words = (text: string) => withoutTimes(text).split(/\s+/);
  assert.deepEqual(words(wrapped.out), words(piped.out));
  assert.ok(longest((await fixture.expect(0, ['doctor', '--json'], narrow)).out) > 60);
  const { err } = await fixture.expect(
    2,
    ['plan', '--config', 'a/folder/that/is/not/there/athenz-gitops.yaml'],
    narrow,
  );
  assert.match(err, /^error: CONFIG_NOT_FOUND: reading the config\n {2}a\/folder\/\S+ no such\n {2}file/);
});

test('shows progress only on a terminal, and clears it', async () => {
  await using fixture = await openFixture();
  const lastLine = ({ err }: Ran) => err.slice(err.lastIndexOf('\r'));
  const shown = await fixture.expect(5, ['render', '--check'], terminal);
  assert.match(shown.err, /reading domain documents: \d of \d/);
  assert.equal(lastLine(shown), `\r${esc}[K`);
  const others = [{ CI: 'true' }, { TERM: 'dumb' }].map((env) => ({ ...terminal, env: { ...gitEnv, ...env } }));
  for (const options of [{}, ...others]) {
    assert.equal((await fixture.expect(5, ['render', '--check'], options)).err, '');
  }
});

test('control characters from Athenz are escaped', async () => {
  await using fixture = await openFixture();
  const evil = `user.a${esc}]0;owned\u0007\u202ecod\nerror: forged`;
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', evil]);
  for (const args of [['plan'], ['sync'], ['render']]) {
    const { out } = await fixture.expect(0, args);
    assert.doesNotMatch(out, /\u001b|\u0007|\u202e|^error: forged/m);
    assert.match(out, /user\.a\\u001b\]0;owned/);
  }
  const message = fixture.git('log', '-1', '--format=%B', 'athenz-gitops/main/prod');
  assert.doesNotMatch(message, /\u001b|\u0007|\u202e|^error: forged/m);
});

test('control characters in the path of a worktree are escaped', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  const worktree = `${fixture.dir}/../${esc}[31mred`;
  fixture.git('worktree', 'add', '--quiet', worktree, 'athenz-gitops/main/prod');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  const { out } = await fixture.expect(4, ['sync']);
  assert.match(out, /checked out in .*\\u001b\[31mred/);
  assert.equal(out.includes(esc), false);
});

for (const [args, expected] of [
  [['--help'], /^Usage: athenz-gitops /],
  [['--version'], /^\d+\.\d+\.\d+\n$/],
  [['sync', '--help'], /Example:\n {2}\$ athenz-gitops sync/],
  [['help', 'plan'], /--exit-code/],
] as const) {
  test(`${args.join(' ')} prints to stdout outside a repository, exit 0`, async () => {
    await using fixture = await openFixture({ uncommitted: true });
    const { out, err } = await fixture.expect(0, args, { cwd: '/' });
    assert.match(out, expected);
    assert.equal(err, '');
  });
}

function withoutTimes(text: string): string {
  return text.replace(/as of .* UTC/, '');
}
