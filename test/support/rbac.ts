import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { RoleConfig } from '../../src/config/types.ts';
import { nameObjects } from '../../src/generators/rbac/names.ts';
import type { RenderOptions, RoleToRender } from '../../src/generators/rbac/render.ts';
import { compileTemplate } from '../../src/generators/rbac/template.ts';
import { compareSubjects, type Subject, subjectKey } from '../../src/model/grant.ts';
import type { RenderedRole } from '../../src/model/manifest.ts';

/** What the seed operators' sample gives admins and viewers. */
export const adminRules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
export const viewerRules = [
  { apiGroups: [''], resources: ['pods', 'services', 'configmaps'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['get', 'list', 'watch'] },
];

export const user = (name: string): Subject => ({ kind: 'User', name });
export const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

/** Render options, with templates that add nothing unless given. */
export function renderWith(names: RenderOptions['names'], template = '', bindingTemplate = template): RenderOptions {
  return {
    names,
    templates: {
      role: compileTemplate('role.yaml', template),
      binding: compileTemplate('rolebinding.yaml', bindingTemplate),
    },
  };
}

/** A role of namespace `ajktown-api` of domain `eks.users.ajktown-api`. */
export function roleOf(config: RoleConfig, ...subjects: readonly Subject[]): RoleToRender {
  return { cluster: 'prod', namespace: 'ajktown-api', domain: 'eks.users.ajktown-api', config, subjects };
}

/** What must be read back from a rendered role. */
export function renderedOf(names: RenderOptions['names'], role: RoleToRender): RenderedRole {
  const { binding, roleRef } = nameObjects(names, role.domain, role.config);
  return {
    namespace: role.namespace,
    domain: role.domain,
    role: role.config.athenzRole,
    bindingName: binding,
    roleRef,
    subjects: role.subjects,
    ...('rules' in role.config ? { rules: role.config.rules } : {}),
  };
}

/** Characters that readers of YAML take for something else when they are not written with care. */
export const traps = [
  ...' \t\n\r\0\x01\x07\x1b\x7f\x80\x85\x9f\xa0\xad"\'\\#:-?,[]{}&*!|>%@`~=<._/$0178abefnoyxNOY',
  ...'\u2028\u2029\u200b\ufeff\ufffd\ufffe\uffff\ue000\u{1f600}\u{1fffe}\u{10ffff}ü漢',
];

/** Well-formed text, more often than not made of traps. */
export const hostileText = (options: fc.StringConstraints = {}): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...traps), ...options }),
    fc.string({ unit: 'binary', ...options }),
    fc.string({ unit: 'grapheme', ...options }),
  );

const name = hostileText({ minLength: 1 });
const subject: fc.Arbitrary<Subject> = fc.oneof(
  name.map(user),
  name.map((it): Subject => ({ kind: 'Group', name: it })),
  fc.tuple(name, name).map(([namespace, it]) => account(namespace, it)),
);

/** Subjects as they are handed to the renderer: sorted and unique. */
export const subjects: fc.Arbitrary<readonly Subject[]> = fc
  .uniqueArray(subject, { selector: subjectKey, maxLength: 6 })
  .map((list) => list.sort(compareSubjects));

/** Reads a golden file, or writes it where UPDATE_GOLDEN is set. */
export async function golden(path: string, text: string): Promise<string> {
  const file = new URL(`../data/rbac/${path}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(file, text);
  return await readFile(file, 'utf8');
}

/** The folders of golden files. */
export async function goldenCases(): Promise<readonly string[]> {
  return (await readdir(fileURLToPath(new URL('../data/rbac/', import.meta.url)))).sort();
}
