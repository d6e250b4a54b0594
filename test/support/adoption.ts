import assert from 'node:assert/strict';
import { proposeConfig } from '../../src/adopt/config-input.ts';
import { type Inference, type InferInput, infer } from '../../src/adopt/infer.ts';
import { type AdoptionPlan, planAdoption } from '../../src/adopt/plan.ts';
import type { ProposedConfig } from '../../src/adopt/result.ts';
import { parseConfig } from '../../src/config/load.ts';
import { configText } from '../../src/config/text.ts';
import type { Config } from '../../src/config/types.ts';
import { createPlanContext } from '../../src/generators/rbac/context.ts';
import { excluder } from '../../src/inventory/exclude.ts';
import type { LiveBinding, LiveObjects, LiveRole } from '../../src/model/cluster.ts';
import { compareSubjects, type RoleAccess } from '../../src/model/grant.ts';
import { compileLayout } from '../../src/model/layout.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';
import { compareText } from '../../src/model/text.ts';
import { adminRules, renderWith, viewerRules } from './rbac.ts';
import { subjectOf } from './roles.ts';

/** Objects of a cluster, by namespace. */
export type Live = ReadonlyMap<string, LiveObjects>;

/** What the sample of the operators gives its two roles. */
export const sampleRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  k8s_ns_admins: adminRules,
  k8s_ns_viewers: viewerRules,
};

type Members = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** A cluster as an operator fills it: namespace → role → users (`user.ada`) or service accounts (`team/builder`). */
export function written(
  members: Members,
  rules: Readonly<Record<string, readonly PolicyRule[]>> = sampleRules,
  domain = 'eks.users.{namespace}',
): Live {
  return together(
    ...Object.entries(members).flatMap(([namespace, roles]) =>
      Object.entries(roles).map(([role, names]) => {
        const full = `${domain.replace('{namespace}', namespace)}:role.${role}`;
        return {
          bindings: [bindingOf(namespace, `${full}:members`, names)],
          roles: [roleOf(namespace, full, rules[role] ?? adminRules)],
        };
      }),
    ),
  );
}

/** A binding with the operator's label; without a roleRef of its own it binds the Role of its name. */
export function bindingOf(
  namespace: string,
  name: string,
  members: readonly string[] = [],
  more: Partial<LiveBinding> = {},
): LiveBinding {
  const subjects = members.map(subjectOf).sort(compareSubjects);
  const roleRef = { kind: 'Role', name: name.replace(/:members$/, '') } as const;
  return { namespace, name, owner: 'operator', roleRef, subjects, ...more };
}

export function roleOf(namespace: string, name: string, rules: readonly PolicyRule[]): LiveRole {
  return { namespace, name, owner: 'other', rules };
}

/** Puts objects together; of two with one name the last one counts. */
export function together(...parts: readonly (Live | Partial<LiveObjects>)[]): Live {
  const all = parts.flatMap((part) => (part instanceof Map ? [...part.values()] : [part as Partial<LiveObjects>]));
  const unique = <T extends { readonly namespace: string; readonly name: string }>(items: readonly T[]): readonly T[] =>
    [...new Map(items.map((it) => [`${it.namespace}/${it.name}`, it])).values()].sort((a, b) =>
      compareText(a.name, b.name),
    );
  const bindings = Map.groupBy(unique(all.flatMap((it) => it.bindings ?? [])), (it) => it.namespace);
  const roles = Map.groupBy(unique(all.flatMap((it) => it.roles ?? [])), (it) => it.namespace);
  return new Map(
    [...new Set([...bindings.keys(), ...roles.keys()])].map((namespace) => [
      namespace,
      { bindings: bindings.get(namespace) ?? [], roles: roles.get(namespace) ?? [] },
    ]),
  );
}

const excludedBy = excluder([]);

/** As a run infers, of a cluster that was read whole. */
export function inferFrom(namespaces: Live, more: Partial<InferInput> = {}): Inference {
  return infer({
    namespaces,
    terminating: new Set(),
    selected: false,
    isSystem: (namespace) => excludedBy(namespace) !== undefined,
    userDomain: 'user',
    ...more,
  });
}

/** As `inferFrom`, where there must be a proposal. */
export function proposalFrom(namespaces: Live, more: Partial<InferInput> = {}) {
  const inferred = inferFrom(namespaces, more);
  assert.ok(inferred.kind === 'proposal', inferred.kind);
  return inferred;
}

/** The config of a proposal as it would be written and read back, for a cluster called `prod`. */
function configFrom(proposal: ProposedConfig): Config {
  const athenz = { zmsUrl: 'https://zms.example.com:4443/zms/v1' };
  const options = { cluster: 'prod', namespaces: 'clusters/prod/namespaces.txt', athenz, kube: { context: 'prod' } };
  return parseConfig(configText(proposeConfig(proposal, options), []), 'g.yaml');
}

/** What a run plans, where Athenz says this. */
export function planFrom(
  live: Live,
  proposal: ProposedConfig,
  access: readonly RoleAccess[],
  maxSubjects = 1000,
): AdoptionPlan {
  const config = configFrom(proposal);
  const context = createPlanContext({
    config: { ...config, limits: { ...config.limits, maxSubjects } },
    layout: compileLayout(config.output.path),
    render: renderWith('operator'),
    objectFormat: 'sha1',
  });
  return planAdoption({ context, live, access });
}
