import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMerging } from '../../src/doctor/merging.ts';
import { openClient } from '../../src/propose/github/client.ts';
import { everyPermission, everyToken, type GitHubOptions } from '../support/github/options.ts';
import { startGitHub } from '../support/github/stand-in.ts';

const contexts = ['guard'];
const loose = { type: 'required_status_checks', strict: false, contexts } as const;

const cases: readonly (readonly [
  what: string,
  mayAdminister: boolean,
  github: GitHubOptions,
  says: RegExp | undefined,
])[] = [
  ['a merge queue', false, { rules: [loose, { type: 'merge_queue' }] }, undefined],
  ['a strict ruleset', false, { rules: [{ type: 'deletion' }, { ...loose, strict: true }] }, undefined],
  ['strict branch protection', true, { rules: [loose], statusChecks: { strict: true, contexts } }, undefined],
  ['a ruleset that is not strict', true, { rules: [loose] }, /need not be up to date/],
  ['a strict ruleset without checks', true, { rules: [{ ...loose, strict: true, contexts: [] }] }, /need not/],
  ['branch protection that is not strict', true, { statusChecks: { strict: false, contexts } }, /need not/],
  ['strict branch protection without checks', true, { statusChecks: { strict: true, contexts: [] } }, /need not/],
  ['no protection', true, {}, /need not/],
  ['protection that the token may not see', false, { statusChecks: { strict: true, contexts } }, /cannot read/],
];
for (const [what, mayAdminister, github, says] of cases) {
  test(`doctor on merges into a base with ${what}: ${says === undefined ? 'ok' : 'warning'}`, async () => {
    const permissions = mayAdminister ? { ...everyPermission, administration: 'read' as const } : everyPermission;
    const tokens = { [everyToken]: { kind: 'user', login: 'gitops-bot', permissions } as const };
    await using standIn = await startGitHub({ ...github, tokens });
    const forge = { caPath: null, apiUrl: standIn.apiUrl, repository: 'acme/gitops' };
    const client = await openClient({ forge, env: { GITHUB_TOKEN: everyToken }, warn: assert.fail });
    const finding = await checkMerging(client, 'main');
    assert.equal(finding.status, says === undefined ? 'ok' : 'warning', finding.message);
    assert.match(finding.message, says ?? /^into main: /);
    if (says !== undefined) assert.match(finding.fix ?? '', /up to date before merging .*, or a merge queue/);
  });
}

test('a Not Found without a reason counts as unknown', async () => {
  await using standIn = await startGitHub();
  standIn.intercept(({ path }) =>
    path.endsWith('required_status_checks')
      ? { kind: 'status', status: 404, body: '{"message":"Not Found"}' }
      : undefined,
  );
  const forge = { caPath: null, apiUrl: standIn.apiUrl, repository: 'acme/gitops' };
  const client = await openClient({ forge, env: { GITHUB_TOKEN: everyToken }, warn: assert.fail });
  assert.match((await checkMerging(client, 'main')).message, /cannot read/);
});
