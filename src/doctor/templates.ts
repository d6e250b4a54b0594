import type { Template } from '../generators/rbac/template.ts';
import { maxYamlBytes, parseYaml } from '../model/yaml.ts';
import { fieldsOf, textOf } from './fields.ts';
import { type Finding, warning } from './finding.ts';

/** What in a template changes how Argo CD and Flux treat every rendered object. */
const traps: readonly {
  readonly key: string;
  readonly in: readonly ('labels' | 'annotations')[];
  readonly value: RegExp;
  readonly message: string;
}[] = [
  {
    key: 'argocd.argoproj.io/sync-options',
    in: ['annotations'],
    value: /\bPrune=(false|confirm)\b/,
    message: 'Argo CD does not remove what leaves git',
  },
  {
    key: 'kustomize.toolkit.fluxcd.io/prune',
    in: ['labels', 'annotations'],
    value: /^disabled$/i,
    message: 'Flux does not remove what leaves git',
  },
  {
    key: 'kustomize.toolkit.fluxcd.io/reconcile',
    in: ['labels', 'annotations'],
    value: /^disabled$/i,
    message: 'Flux applies no change',
  },
  {
    key: 'kustomize.toolkit.fluxcd.io/ssa',
    in: ['labels', 'annotations'],
    value: /^(IfNotPresent|Ignore)$/i,
    message: 'Flux applies no change to what is there',
  },
  {
    key: 'app.kubernetes.io/instance',
    in: ['labels'],
    value: /^/,
    message: 'Argo CD may take it for the name of its application',
  },
];

/** A file with this anywhere is not applied. */
const skipMark = '+argocd:skip-file-rendering';

/** Whether the templates of `output.templates` set what keeps revoked access in a cluster. */
export function checkTemplates(templates: { readonly role: Template; readonly binding: Template }): readonly Finding[] {
  return [...look('role.yaml', templates.role), ...look('rolebinding.yaml', templates.binding)];
}

function look(file: string, template: Template): readonly Finding[] {
  // It was compiled from this.
  const { metadata } = fieldsOf(parseYaml(template.source, { maxBytes: maxYamlBytes.config }).value);
  const found = traps.flatMap(({ key, in: places, value, message }) =>
    places.flatMap((place) => {
      const [text] = textOf(fieldsOf(fieldsOf(metadata)[place])[key]);
      if (text === undefined || !value.test(text)) return [];
      return [warning('templates', `${file} sets ${key}: ${text}: ${message}`, `remove it from ${place} of ${file}`)];
    }),
  );
  const values = { cluster: '', namespace: '', domain: '', role: '' };
  const rendered = [template.head(values), template.labels(values), template.annotations(values)].join('\n');
  if (!rendered.includes(skipMark)) return found;
  return [...found, warning('templates', `${file} has a comment ${skipMark}: Argo CD applies nothing`, 'remove it')];
}
