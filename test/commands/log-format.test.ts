import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { gitEnv } from '../support/repository.ts';
import type { RunOptions } from '../support/run.ts';

// --log-format json: whatever goes to stderr is a line of JSON.

const cases: readonly (readonly [
  name: string,
  code: number,
  args: readonly string[],
  message: RegExp,
  options?: RunOptions,
])[] = [
  ['an unknown option', 2, ['--nope'], /^USAGE: unknown option '--nope'$/],
  ['a value that is none', 2, ['--deadline', 'soon'], /^USAGE: option '--deadline <duration>' .* at most 24h\.$/],
  ['a config that is missing', 2, ['--config', 'nowhere'], /^CONFIG_NOT_FOUND: /],
  ['an exit code', 4, ['--quiet'], /^exit code 4: 1 held/],
  ['a variable that is ignored', 4, [], /^NODE_TLS_/, { env: { ...gitEnv, NODE_TLS_REJECT_UNAUTHORIZED: '0' } }],
];

for (const [name, code, args, message, options] of cases) {
  test(`${name} is a line of JSON`, async () => {
    await using fixture = await openFixture({ rendered: true });
    await fixture.commit({ 'output/prod/search/mine.yaml': 'a: 1\n' });
    const { err } = await fixture.expect(code, ['sync', '--log-format', 'json', ...args], options);
    const [line, ...others] = err.trimEnd().split('\n');
    assert.deepEqual(others, []);
    assert.match(JSON.parse(line ?? '').message, message);
  });
}
