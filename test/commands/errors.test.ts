import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromHere } from '../../src/run/terminal.ts';
import { createAuthority } from '../../src/sandbox/authority.ts';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { fingerprint, gitEnv, writeFiles } from '../support/repository.ts';

interface ErrorCase {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  /** What stderr must match: the problem, its place and the remedy. */
  readonly stderr: readonly RegExp[];
  readonly setup?: (fixture: Fixture) => unknown;
  readonly env?: NodeJS.ProcessEnv;
}

const cases: readonly ErrorCase[] = [
  { name: 'an unknown command', args: ['snyc'], code: 2, stderr: [/unknown command 'snyc'/, /Did you mean sync\?/] },
  {
    name: 'an unknown flag',
    args: ['sync', '--dry'],
    code: 2,
    stderr: [/unknown option '--dry'/, /--help/],
  },
  { name: 'an extra argument', args: ['sync', 'now'], code: 2, stderr: [/too many arguments.*sync/] },
  { name: 'a flag without a value', args: ['plan', '--at'], code: 2, stderr: [/--at <time>.*argument missing/] },
  {
    name: 'an invalid time',
    args: ['plan', '--at', 'noon'],
    code: 2,
    stderr: [/'noon' is invalid/, /Give a time such as/],
  },
  { name: 'an invalid log level', args: ['plan', '--log-level', 'x'], code: 2, stderr: [/'x' is invalid/, /debug/] },
  { name: 'an invalid port', args: ['sandbox', '--port', '99999'], code: 2, stderr: [/'99999' is invalid/, /65535/] },
  { name: 'no command', args: [], code: 2, stderr: [/Usage: athenz-gitops/] },
  {
    name: 'a missing config',
    args: ['sync', '--config', 'nowhere.yaml'],
    code: 2,
    stderr: [
      /^error: CONFIG_NOT_FOUND: /,
      /nowhere\.yaml/,
      /no such file.*\n {2}Write one with athenz-gitops init, or give its path with --config FILE/,
    ],
  },
  {
    name: 'an unknown key in the config',
    args: ['sync'],
    code: 2,
    setup: (fixture) => fixture.editConfig((text) => text.replace('clusters:', 'clutsers:')),
    stderr: [/CONFIG_/, /athenz-gitops\.yaml:\d+:1: clutsers: unknown key \(did you mean "clusters"\?\)/, /Correct/],
  },
  {
    name: 'a single unknown key',
    args: ['plan'],
    code: 2,
    setup: (fixture) => fixture.editConfig((text) => text.replace('kind: local', 'kind: local\n  bsae: main')),
    stderr: [
      /^error: CONFIG_UNKNOWN_KEY: /,
      /athenz-gitops\.yaml:\d+:3: forge\.bsae: unknown key/,
      /did you mean "base"/,
    ],
  },
  {
    name: 'a config that is not YAML',
    args: ['render'],
    code: 2,
    setup: (fixture) => fixture.editConfig(() => 'athenz: ['),
    stderr: [/^error: CONFIG_SYNTAX: .*athenz-gitops\.yaml:1:\d+: /, /Correct the YAML/],
  },
  {
    name: 'a missing certificate',
    args: ['sync'],
    code: 2,
    setup: (fixture) => rm(fixture.paths.credentials.certPath),
    stderr: [/^error: ATHENZ_CERT_MISSING: .*client\.crt/, /athenz\.certPath/],
  },
  {
    name: 'a missing key',
    args: ['render'],
    code: 2,
    setup: (fixture) => rm(fixture.paths.credentials.keyPath),
    stderr: [
      /^error: ATHENZ_CERT_MISSING: .*client\.key/,
      /Correct athenz\.keyPath, or put the PEM text into ATHENZ_KEY\./,
    ],
  },
  {
    name: 'an invalid certificate',
    args: ['sync'],
    code: 2,
    env: { ...gitEnv, ATHENZ_CERT: 'hello' },
    stderr: [/^error: ATHENZ_CERT_INVALID: .*ATHENZ_CERT/, /BEGIN and END lines/],
  },
  {
    name: 'a certificate in place of its key',
    args: ['plan'],
    code: 2,
    setup: ({ paths: { credentials } }) => copyFile(credentials.certPath, credentials.keyPath),
    stderr: [
      /^error: ATHENZ_CERT_INVALID: reading the key of .*client\.key: it contains no valid private key/,
      /unencrypted/,
    ],
  },
  {
    name: 'a pinned key that is none',
    args: ['plan'],
    code: 2,
    setup: ({ paths: { credentials } }) => copyFile(credentials.keyPath, credentials.publicKeyPath),
    stderr: [/^error: CONFIG_INVALID: reading the public key .*zms\.pub: it has no .*PUBLIC KEY/, /athenz\.publicKeys/],
  },
  {
    name: 'a key in place of its certificate',
    args: ['plan'],
    code: 2,
    setup: ({ paths: { credentials } }) => copyFile(credentials.keyPath, credentials.certPath),
    stderr: [/^error: ATHENZ_CERT_INVALID: reading the certificate of .*client\.crt: it contains no certificate\n/],
  },
  {
    name: 'a missing CA of the forge',
    args: ['sync'],
    code: 2,
    setup: (fixture) =>
      fixture.editConfig((text) => text.replace('kind: local', 'kind: local\n  remote: origin\n  caPath: nowhere.crt')),
    stderr: [/^error: CONFIG_INVALID: reading the CA .*nowhere\.crt: .*\(ENOENT\)/, /Set forge\.caPath to a PEM file/],
  },
  {
    name: 'a key in place of the CA of the forge',
    args: ['plan'],
    code: 2,
    setup: async (fixture) => {
      await copyFile(fixture.paths.credentials.keyPath, join(fixture.dir, '../forge.crt'));
      const more = 'kind: local\n  remote: origin\n  caPath: ../forge.crt';
      await fixture.editConfig((text) => text.replace('kind: local', more));
    },
    stderr: [/^error: CONFIG_INVALID: reading the CA .*forge\.crt: it contains no certificate\n/, /forge\.caPath/],
  },
  {
    name: 'no git on PATH',
    args: ['plan'],
    code: 1,
    env: { ...gitEnv, PATH: '/nowhere' },
    stderr: [/^error: GIT_FAILED: .*: git is not installed, or not on PATH\n {2}Install git 2\.38 or newer, or add /],
  },
  {
    name: 'a remote that does not exist',
    args: ['sync'],
    code: 1,
    setup: (fixture) => fixture.editConfig((text) => text.replace('kind: local', 'kind: local\n  remote: origin')),
    stderr: [/^error: GIT_FAILED: ?\s.*origin/, /Add it with git remote add origin URL, or set forge\.remote/],
  },
  {
    name: 'a snapshot that cannot be written',
    args: ['snapshot', '--output', 'athenz-gitops.yaml/x.jsonl'],
    code: 1,
    stderr: [/^error: OUTPUT_WRITE: writing the snapshot (?!.*\.tmp).*athenz-gitops\.yaml\/x\.jsonl/, /--output FILE/],
  },
  {
    name: 'flags of init that will not do',
    args: ['init', '--config', 'new.yaml', '--domain', 'x', '--role', 'y', '--zms-url', 'https://z'],
    code: 2,
    stderr: [/^error: USAGE: --domain: must .* exactly once; --role: must be /],
  },
  {
    name: 'an expired certificate',
    args: ['sync'],
    code: 1,
    setup: async ({ sandbox, paths }) => {
      const notAfter = new Date(Date.now() - 60_000);
      const notBefore = new Date(Date.now() - 120_000);
      await writeCredentials(sandbox, join(paths.credentials.certPath, '..'), {
        principal: 'a.b',
        notBefore,
        notAfter,
      });
    },
    stderr: [/^error: ATHENZ_CERT_EXPIRED: .*CN=a\.b.* expired /, /Renew it/],
  },
  {
    name: 'the CA of another server',
    args: ['sync'],
    code: 1,
    setup: async ({ paths }) => {
      await writeFiles('/', { [paths.credentials.caPath]: (await createAuthority()).caPem });
    },
    stderr: [/^error: ZMS_TLS: connecting to ZMS at localhost:\d+: /, /Add its CA to .*ca\.crt \(athenz\.caPath\)/],
  },
  {
    name: 'a ZMS that is down',
    args: ['sync'],
    code: 1,
    setup: (fixture) => fixture.sandbox.close(),
    stderr: [
      /^error: ZMS_UNREACHABLE: connecting to ZMS at localhost:\d+: connection refused /,
      /ECONNREFUSED|after 4 tries/,
      /athenz\.zmsUrl/,
    ],
  },
  {
    name: 'a ZMS that forbids listing',
    args: ['plan'],
    code: 1,
    setup: ({ sandbox }) =>
      sandbox.intercept(() => ({ kind: 'status', status: 403, body: '{"code":403,"message":"no"}', contentType: 'x' })),
    stderr: [/^error: ZMS_FORBIDDEN: listing the domains: 403: no/, /ZMS administrators/],
  },
  {
    name: 'a missing template',
    args: ['plan'],
    code: 2,
    setup: (fixture) => fixture.editConfig((text) => `${text}\noutput:\n  templates: nowhere\n`),
    stderr: [/^error: TEMPLATE_NOT_FOUND: .*nowhere\/role\.yaml/, /output\.templates/],
  },
  {
    name: 'a path outside the repository',
    args: ['render'],
    code: 2,
    setup: (fixture) => fixture.editConfig((text) => text.replace('[clusters/prod/*.yaml]', '[../elsewhere/*.yaml]')),
    stderr: [/^error: CONFIG_INVALID: .*\.\.\/elsewhere/, /inside the repository/],
  },
];

for (const { name, args, code, stderr, setup, env } of cases) {
  test(`${name}: exit ${code}, plain message, nothing written`, async () => {
    await using fixture = await openFixture();
    await setup?.(fixture);
    const before = await fingerprint(fixture.dir);
    const { out, err } = await fixture.expect(code, args, env === undefined ? {} : { env });
    assert.equal(out, '');
    for (const pattern of stderr) assert.match(err, pattern);
    assert.doesNotMatch(err, /^ +at |\.ts:\d+|node:internal|undefined|\[object/m);
    assert.deepEqual(await fingerprint(fixture.dir), before);
  });
}

for (const flag of [['--log-level', 'debug'], ['--log-level=debug']]) {
  test(`${flag.join(' ')} shows a stack trace`, async () => {
    await using fixture = await openFixture();
    await fixture.sandbox.close();
    const { err } = await fixture.expect(1, ['render', ...flag]);
    assert.match(err, /^ {2}caused by .*\n +at /m);
  });
}

test('reports all mistakes in a config at once', async () => {
  await using fixture = await openFixture();
  await fixture.editConfig((text) =>
    text.replace('kind: local', 'kind: lcoal\n  bsae: main').replace('name: prod', 'name: PROD'),
  );
  const { err } = await fixture.expect(2, ['sync']);
  assert.match(err, /^error: CONFIG_INVALID:\n {2}\S/);
  for (const pattern of [/clusters\[0\]\.name: /, /forge\.kind: /, /forge\.bsae: unknown key/])
    assert.match(err, pattern);
  assert.match(err, /\n {2}Correct these 3 and run again\.\n$/);
});

test('an unexpected error is a bug, with a stack trace only at debug level', async () => {
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

test('the private key is never printed', async () => {
  await using fixture = await openFixture();
  const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
  const env = { ...gitEnv, ATHENZ_KEY: broken };
  const { out, err } = await fixture.expect(2, ['sync', '--log-level', 'debug'], { env });
  assert.match(err, /^error: ATHENZ_CERT_INVALID: /m);
  assert.doesNotMatch(out + err, /c2VjcmV0|PRIVATE/);
});

test('paths below the working directory begin there, and no other path or URL is cut', () => {
  for (const [text, shown] of [
    ['reading /tmp/a: no', 'reading a: no'],
    ['"/tmp/a", file=/tmp/b', '"a", file=b'],
    ['reading /var/tmp/a', 'reading /var/tmp/a'],
    ['https://zms.example.com/tmp/v1', 'https://zms.example.com/tmp/v1'],
  ] as const) {
    assert.equal(fromHere({ cwd: '/tmp' }, text), shown);
  }
  assert.equal(fromHere({ cwd: '/' }, '/a'), '/a');
});
