import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configMap, syncFile } from '../support/copies.ts';
import { caBundle, openCopies } from '../support/copies-fixture.ts';
import { type Fixture, merge } from '../support/fixture.ts';

const all = [{ namespace: '*' }];
const selected = { group: '', kind: 'ConfigMap', selector: { matchLabels: { share: 'yes' } } };
const status = ['copies', 'status'];

/** What a run is about that does not end with 0. */
interface Case {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly code: 3 | 4;
  /** In the row of `ca`, behind its name. */
  readonly row: RegExp;
  /** Below the table. */
  readonly below?: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'a source file that cannot be read',
    files: { 'sources/ca.yaml': '{' },
    code: 3,
    row: /Unknown +Unknown +reading ConfigMap default\/ca-bundle: no file has it, and sources\/ca\.yaml cannot be read/,
  },
  {
    what: 'a source file that may have what a selector is for',
    files: { 'sources/ca.yaml': '{', 'inputs/copies/ca.yaml': syncFile('ca', selected, all) },
    code: 3,
    row: /Unknown +Unknown +reading ConfigMap in default with the labels of the selector: no file has it, /,
  },
  {
    what: 'an inventory that is incomplete',
    files: { 'clusters/prod/broken.yaml': '{' },
    code: 3,
    row: /True +False +0 out of 6 destinations are in sync$/,
    below: /^reading the namespaces in clusters\/prod\/broken\.yaml: /m,
  },
  {
    what: 'an ObjectSync that is held',
    files: { 'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespace: 'nope' }]) },
    code: 4,
    row: /False +Unknown +namespace nope is not in the inventory of prod$/,
  },
  {
    what: 'a copy that is held',
    files: { 'sources/search.yaml': configMap('ca-bundle', 'search') },
    code: 4,
    row: /True +False +0 out of 6 .*; search\/ca-bundle is held: ConfigMap search\/ca-bundle is declared in /,
  },
  {
    what: 'a foreign file that is held',
    files: { 'copies/prod/labs/notes.yaml': 'mine: true\n' },
    code: 4,
    row: /True +False +0 out of 6 destinations are in sync$/,
    below: /^copies\/prod\/labs\/notes\.yaml was not written by athenz-gitops$/m,
  },
  {
    what: 'one that is held beside one that cannot be read',
    files: {
      'sources/other.yaml': '{',
      'inputs/copies/other.yaml': syncFile('other', { ...caBundle, name: 'other' }, all),
      'inputs/copies/bad.yaml': syncFile('bad', caBundle, [{ namespace: 'nope' }]),
    },
    code: 4,
    row: /True +False +0 out of 6 destinations are in sync$/,
  },
];

const meanings = { 3: 'something could not be read', 4: 'some changes are held' };

describe('copies status', () => {
  for (const { what, files, code, row, below } of cases) {
    test(`exits with ${code} for ${what}`, async () => {
      await using fixture = await openCopies(files);
      const { out } = await fixture.expect(code, status);
      const line = /^default +ca +(.*)$/m.exec(out)?.[1] ?? '';
      assert.match(line, row);
      const [, rest = ''] = out.split(/\n\n(.*)/s);
      assert.match(rest, below ?? /^$/);

      const quiet = await fixture.expect(code, [...status, '--quiet']);
      assert.equal(quiet.out, '');
      assert.match(quiet.err, new RegExp(`^exit code ${code}: ${meanings[code]}; run without --quiet to see w\\w+\n$`));

      const json = await fixture.expect(code, [...status, '--json', '--quiet']);
      assert.equal(json.err, '');
      assert.equal(JSON.parse(json.out).others.length, below === undefined ? 0 : 1);
    });
  }

  test('exits with 0 and prints nothing with --quiet where nothing is wrong', async () => {
    await using fixture = await openCopies({
      'inputs/copies/none.yaml': syncFile('none', { ...caBundle, name: 'none' }, all),
    });
    assert.match((await fixture.expect(0, status)).out, /^default +none +False +Unknown +the source does not exist$/m);
    const { out, err } = await fixture.expect(0, [...status, '--quiet']);
    assert.deepEqual([out, err], ['', '']);
  });

  test('says when there are no ObjectSyncs', async () => {
    await using fixture = await openCopies({ 'inputs/copies/ca.yaml': '# none yet\n' });
    assert.equal((await fixture.expect(0, status)).out, 'No ObjectSyncs found.\n');
  });

  describe('of several clusters', () => {
    const syncs = {
      'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespace: 'search' }]),
      'inputs/copies/bad.yaml': syncFile('bad', caBundle, [{ namespace: 'checkout' }]),
    };

    /** With a cluster `dev` that has one namespace of the two. */
    async function openTwo(): Promise<Fixture> {
      const fixture = await openCopies({ ...syncs, 'clusters/dev/namespaces.yaml': '[search]\n' });
      const dev = `  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n`;
      await fixture.editConfig((text) => text.replace('roles:\n', dev));
      await fixture.commit({}, 'Dev');
      return fixture;
    }

    test('shows which ObjectSync is in which state in which of them', async () => {
      await using fixture = await openTwo();
      await fixture.expect(4, ['sync']);
      merge(fixture.dir, 'athenz-gitops/main/copies@+athenz-gitops_yaml.dev');
      assert.equal(
        (await fixture.expect(4, status)).out,
        [
          'CLUSTER   NAMESPACE   NAME   READY   INSYNC    MESSAGE',
          'prod      default     bad    True    False     0 out of 1 destinations are in sync',
          'prod      default     ca     True    False     0 out of 1 destinations are in sync',
          'dev       default     bad    False   Unknown   namespace checkout is not in the inventory of dev',
          'dev       default     ca     True    True      1 out of 1 destinations are in sync',
          '',
        ].join('\n'),
      );
      const { objectSyncs, others } = JSON.parse((await fixture.expect(4, [...status, '--json'])).out);
      const told = objectSyncs.map(
        ({ cluster, name, status: { conditions } }: Told) =>
          `${cluster} ${name} ${conditions.map(({ status: is }) => is).join(' ')}`,
      );
      assert.deepEqual(told, [
        'prod bad True False',
        'prod ca True False',
        'dev bad False Unknown',
        'dev ca True True',
      ]);
      assert.deepEqual(others, []);
    });

    test('shows one of them with --cluster, whose exit code is its own', async () => {
      await using fixture = await openTwo();
      const { out } = await fixture.expect(0, [...status, '--cluster', 'prod']);
      assert.match(out, /^NAMESPACE /);
      assert.doesNotMatch(out, /dev/);
      await fixture.expect(4, [...status, '--cluster', 'dev', '--quiet']);
    });
  });
});

interface Told {
  readonly cluster: string;
  readonly name: string;
  readonly status: { readonly conditions: readonly { readonly status: string }[] };
}
