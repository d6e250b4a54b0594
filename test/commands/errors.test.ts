import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createAuthority } from '../../src/sandbox/authority.ts';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { fingerprint, gitEnv, writeFiles } from '../support/repository.ts';

interface Wrong {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  /** What is wrong, where, and what to do next: each must be in the text. */
  readonly says: readonly RegExp[];
  readonly make?: (fixture: Fixture) => unknown;
  readonly env?: NodeJS.ProcessEnv;
}

const table: readonly Wrong[] = [
  { name: 'an unknown command', args: ['snyc'], code: 2, says: [/unknown command 'snyc'/, /Did you mean sync\?/] },
  {
    name: 'an unknown flag',
    args: ['sync', '--dry'],
    code: 2,
    says: [/unknown option '--dry'/, /--help/],
  },
  { name: 'an argument too many', args: ['sync', 'now'], code: 2, says: [/too many arguments.*sync/] },
  { name: 'a flag without its value', args: ['plan', '--at'], code: 2, says: [/--at <time>.*argument missing/] },
  {
    name: 'a time that is none',
    args: ['plan', '--at', 'noon'],
    code: 2,
    says: [/'noon' is invalid/, /Give a time such as/],
  },
  { name: 'a log level that is none', args: ['plan', '--log-level', 'x'], code: 2, says: [/'x' is invalid/, /debug/] },
  { name: 'a port that is none', args: ['sandbox', '--port', '99999'], code: 2, says: [/'99999' is invalid/, /65535/] },
  { name: 'no command', args: [], code: 2, says: [/Usage: athenz-gitops/] },
  {
    name: 'a missing config',
    args: ['sync', '--config', 'nowhere.yaml'],
    code: 2,
    says: [/^error: CONFIG_NOT_FOUND: /, /nowhere\.yaml/, /--config FILE/],
  },
  {
    name: 'an unknown key in the config',
    args: ['sync'],
    code: 2,
    make: (fixture) => fixture.editConfig((text) => text.replace('clusters:', 'clutsers:')),
    says: [/CONFIG_/, /athenz-gitops\.yaml:\d+:1: clutsers: unknown key \(did you mean "clusters"\?\)/, /Correct/],
  },
  {
    name: 'an unknown key alone',
    args: ['plan'],
    code: 2,
    make: (fixture) => fixture.editConfig((text) => text.replace('kind: local', 'kind: local\n  bsae: main')),
    says: [
      /^error: CONFIG_UNKNOWN_KEY: /,
      /athenz-gitops\.yaml:\d+:3: forge\.bsae: unknown key/,
      /did you mean "base"/,
    ],
  },
  {
    name: 'a config that is no YAML',
    args: ['render'],
    code: 2,
    make: (fixture) => fixture.editConfig(() => 'athenz: ['),
    says: [/^error: CONFIG_SYNTAX: .*athenz-gitops\.yaml:1:\d+: /, /Correct the YAML/],
  },
  {
    name: 'a missing certificate',
    args: ['sync'],
    code: 2,
    make: (fixture) => rm(fixture.paths.credentials.certPath),
    says: [/^error: ATHENZ_CERT_MISSING: .*client\.crt/, /athenz\.certPath/],
  },
  {
    name: 'a missing key',
    args: ['render'],
    code: 2,
    make: (fixture) => rm(fixture.paths.credentials.keyPath),
    says: [/^error: ATHENZ_CERT_MISSING: .*client\.key/, /athenz\.keyPath/],
  },
  {
    name: 'a certificate that is none',
    args: ['sync'],
    code: 2,
    env: { ...gitEnv, ATHENZ_CERT: 'hello' },
    says: [/^error: ATHENZ_CERT_INVALID: .*ATHENZ_CERT/, /-----BEGIN/],
  },
  {
    name: 'an expired certificate',
    args: ['sync'],
    code: 1,
    make: async ({ sandbox, paths }) => {
      const notAfter = new Date(Date.now() - 60_000);
      const notBefore = new Date(Date.now() - 120_000);
      await writeCredentials(sandbox, join(paths.credentials.certPath, '..'), {
        principal: 'a.b',
        notBefore,
        notAfter,
      });
    },
    says: [/^error: ATHENZ_CERT_EXPIRED: .*CN=a\.b.* expired /, /Renew it/],
  },
  {
    name: 'the CA of another server',
    args: ['sync'],
    code: 1,
    make: async ({ paths }) => {
      await writeFiles('/', { [paths.credentials.caPath]: (await createAuthority()).caPem });
    },
    says: [/^error: ZMS_TLS: GET localhost:\d+\/zms\/v1\/sys\/modified_domains/, /CA/, /athenz\.caPath/],
  },
  {
    name: 'a ZMS that is down',
    args: ['sync'],
    code: 1,
    make: (fixture) => fixture.sandbox.close(),
    says: [/^error: ZMS_UNREACHABLE: GET localhost:\d+/, /ECONNREFUSED|after 4 tries/, /athenz\.zmsUrl/],
  },
  {
    name: 'a ZMS that refuses to list',
    args: ['plan'],
    code: 1,
    make: ({ sandbox }) =>
      sandbox.intercept(() => ({ kind: 'status', status: 403, body: '{"code":403,"message":"no"}', contentType: 'x' })),
    says: [/^error: ZMS_FORBIDDEN: listing the domains: 403: no/, /owners of ZMS/],
  },
  {
    name: 'a template that is missing',
    args: ['plan'],
    code: 2,
    make: (fixture) => fixture.editConfig((text) => `${text}\noutput:\n  templates: nowhere\n`),
    says: [/^error: TEMPLATE_NOT_FOUND: .*nowhere\/role\.yaml/, /output\.templates/],
  },
  {
    name: 'a path that leads out of the repository',
    args: ['render'],
    code: 2,
    make: (fixture) => fixture.editConfig((text) => text.replace('[clusters/prod/*.yaml]', '[../elsewhere/*.yaml]')),
    says: [/^error: CONFIG_INVALID: .*\.\.\/elsewhere/, /below the repository/],
  },
];

for (const { name, args, code, says, make, env } of table) {
  test(`${name}: exit ${code}, said in words, without a stack trace, and nothing is done`, async () => {
    await using fixture = await openFixture();
    await make?.(fixture);
    const before = await fingerprint(fixture.dir);
    const { out, err } = await fixture.expect(code, args, env === undefined ? {} : { env });
    assert.equal(out, '');
    for (const words of says) assert.match(err, words);
    assert.doesNotMatch(err, /^ +at |\.ts:\d+|node:internal|undefined|\[object/m);
    assert.deepEqual(await fingerprint(fixture.dir), before);
  });
}

for (const flag of [['--log-level', 'debug'], ['--log-level=debug']]) {
  test(`a stack trace is shown with ${flag.join(' ')}`, async () => {
    await using fixture = await openFixture();
    await fixture.sandbox.close();
    const { err } = await fixture.expect(1, ['render', ...flag]);
    assert.match(err, /^ {2}caused by .*\n +at /m);
  });
}

test('several mistakes in a config are named at once, each with its line', async () => {
  await using fixture = await openFixture();
  await fixture.editConfig((text) =>
    text.replace('kind: local', 'kind: lcoal\n  bsae: main').replace('name: prod', 'name: PROD'),
  );
  const { err } = await fixture.expect(2, ['sync']);
  assert.match(err, /^error: CONFIG_INVALID:\n {2}\S/);
  for (const words of [/clusters\[0\]\.name: /, /forge\.kind: /, /forge\.bsae: unknown key/]) assert.match(err, words);
  assert.match(err, /\n {2}Correct these 3 and run again\.\n$/);
});

test('an error that nobody has foreseen is called a bug, without a stack trace', async () => {
  await using fixture = await openFixture();
  const clock = {
    now: () => {
      throw new TypeError('clock\u001b[31m is broken');
    },
    sleep: async () => {},
  };
  const { err } = await fixture.expect(1, ['render'], { clock });
  assert.match(err, /^error: INTERNAL: clock\\u001b\[31m is broken\n {2}This is a bug\./);
  assert.doesNotMatch(err, /^ +at /m);
  assert.match((await fixture.expect(1, ['render', '--log-level=debug'], { clock })).err, /^ +at /m);
});

test('the private key is in no output', async () => {
  await using fixture = await openFixture();
  const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
  const env = { ...gitEnv, ATHENZ_KEY: broken };
  const { out, err } = await fixture.expect(1, ['sync', '--log-level', 'debug'], { env });
  assert.match(err, /^error: ZMS_TLS: /m);
  assert.doesNotMatch(out + err, /c2VjcmV0|PRIVATE/);
});
