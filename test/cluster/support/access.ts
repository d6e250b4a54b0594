import { setTimeout } from 'node:timers/promises';
import type { PolicyRule } from '../../../src/model/manifest.ts';
import type { Api } from './api.ts';
import { clearNamespaces } from './namespaces.ts';
import { rbac } from './objects.ts';

/** What somebody may want to do. */
export interface Action {
  readonly verb: string;
  readonly group: string;
  /** With its subresource, `pods/log`. */
  readonly resource: string;
  readonly name?: string;
}

export interface Question extends Action {
  readonly user: string;
  readonly namespace: string;
}

/** Whether the server lets that user do that. */
async function reviewAccess(api: Api, { user, namespace, verb, group, resource, name }: Question) {
  const [plural, subresource] = resource.split('/');
  const resourceAttributes = { namespace, verb, group, resource: plural, subresource, name };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const { status } = await api.post<{ status: { allowed: boolean } }>(path, { spec: { user, resourceAttributes } });
  return status.allowed;
}

/** Those of the questions whose answer is no. */
export async function denied(api: Api, questions: readonly Question[]): Promise<readonly Question[]> {
  const answers = await Promise.all(questions.map((question) => reviewAccess(api, question)));
  return questions.filter((_, index) => !answers[index]);
}

/** Asks again and again, from before something is done until after it; gives every no. */
export async function deniedDuring(api: Api, questions: readonly Question[], work: () => Promise<unknown>) {
  const found: Question[] = [...(await denied(api, questions))];
  let working = true;
  let asked = 0;
  const done = work().finally(() => {
    working = false;
  });
  // Its failure is told below, when the last answer is there.
  done.catch(() => {});
  // However fast it is done: hundreds of answers.
  while (working || asked < 300) {
    found.push(...(await denied(api, questions)));
    asked += questions.length;
  }
  await done;
  return found;
}

/** One thing that a rule allows. */
export function actionOf({ verbs, apiGroups, resources, resourceNames }: PolicyRule): Action {
  const pick = (list: readonly string[], any: string) => (list[0] === '*' ? any : (list[0] ?? ''));
  return {
    verb: pick(verbs, 'delete'),
    group: pick(apiGroups, 'apps'),
    resource: pick(resources, 'deployments'),
    ...(resourceNames?.[0] === undefined ? {} : { name: resourceNames[0] }),
  };
}

/**
 * Waits until what was written is what decides: the server watches its own objects, and learns of a change a moment after
 * it was made. It learns of them in their order, so that a grant made now is the last.
 */
export async function settle(api: Api): Promise<void> {
  const namespace = 'athenz-gitops-settle';
  await clearNamespaces(api, [namespace]);
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const { metadata } = await api.post<{ metadata: { name: string } }>(`${rbac}/namespaces/${namespace}/roles`, {
    metadata: { generateName: 'settle-' },
    rules,
  });
  await api.post(`${rbac}/namespaces/${namespace}/rolebindings`, {
    metadata: { name: metadata.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: metadata.name }],
  });
  await untilAllowed(api, { user: metadata.name, namespace, verb: 'get', group: '', resource: 'pods' });
}

/** Waits for what was granted to hold. */
export async function untilAllowed(api: Api, question: Question): Promise<void> {
  while (!(await reviewAccess(api, question))) await setTimeout(5);
}
