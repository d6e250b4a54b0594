import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTemplates } from '../../src/doctor/templates.ts';
import { compileTemplate } from '../../src/generators/rbac/template.ts';

const annotation = (text: string) => `metadata:\n  annotations:\n    ${text}\n`;
const label = (text: string) => `metadata:\n  labels:\n    ${text}\n`;

const cases: readonly (readonly [name: string, template: string, says?: RegExp])[] = [
  ['nothing', ''],
  ['annotations of others', annotation('example.com/owner: "{role}"')],
  ['other sync options', annotation('argocd.argoproj.io/sync-options: ServerSideApply=true')],
  [
    'Prune=false',
    annotation('argocd.argoproj.io/sync-options: ServerSideApply=true, Prune=false'),
    /Argo CD does not remove/,
  ],
  ['pruning that waits', annotation('argocd.argoproj.io/sync-options: Prune=confirm'), /Argo CD does not remove/],
  ['no pruning by Flux', annotation('kustomize.toolkit.fluxcd.io/prune: disabled'), /Flux does not remove/],
  ['no pruning by Flux, as a label', label('kustomize.toolkit.fluxcd.io/prune: disabled'), /Flux does not remove/],
  ['objects that Flux leaves', annotation('kustomize.toolkit.fluxcd.io/reconcile: disabled'), /applies no change/],
  ['objects that are only created', annotation('kustomize.toolkit.fluxcd.io/ssa: IfNotPresent'), /to what is there/],
  ['objects that are merged', annotation('kustomize.toolkit.fluxcd.io/ssa: Merge')],
  ['the label of applications', label('app.kubernetes.io/instance: rbac'), /the name of its application/],
  ['a comment that skips the file', `# +argocd:skip-file-rendering\n${label('a: b')}`, /Argo CD applies nothing/],
  ['a comment that is not rendered', `# +argocd:skip-file-rendering\n\n${label('a: b')}`],
];
for (const [name, text, says] of cases) {
  test(`a template with ${name}: ${says === undefined ? 'ok' : 'warning'}`, () => {
    const [role, binding] = [compileTemplate('role.yaml', ''), compileTemplate('rolebinding.yaml', text)];
    const found = checkTemplates({ role, binding });
    assert.equal(found.length, says === undefined ? 0 : 1, JSON.stringify(found));
    if (says !== undefined) assert.match(found[0]?.message ?? '', says);
    for (const { message, fix } of found) assert.match(`${message} ${fix}`, /^rolebinding\.yaml .*remove it/);
  });
}
