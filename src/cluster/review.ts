import type { Subject } from '../model/grant.ts';
import type { ClusterSession } from './session.ts';
import { parseReview } from './wire.ts';

/** One request that may be allowed or not. */
export interface AccessRequest {
  readonly subject: Subject;
  readonly namespace: string;
  readonly verb: string;
  /** API group; empty: the core group. */
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  /** Such as `RBAC: allowed by RoleBinding "x/team-a" of Role "y" to User "user.ada"`; empty where nothing allows it. */
  readonly reason: string;
}

/** Asks the API server whether a subject may do something (SubjectAccessReview). @throws AppError `CLUSTER_…` */
export function reviewAccess(session: ClusterSession, request: AccessRequest): Promise<AccessAnswer> {
  const { subject, namespace, verb, group, resource, name } = request;
  const doing = `checking what ${subject.name} may do in ${namespace} of cluster ${session.cluster}`;
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      ...identityOf(subject),
      resourceAttributes: {
        namespace,
        verb,
        group,
        ...splitResource(resource),
        ...(name === undefined ? {} : { name }),
      },
    },
  };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  return session.ask(doing, { path, body }, (answer) => parseReview(answer, doing));
}

/** As the API server names whom it has authenticated. */
function identityOf(subject: Subject): { readonly user: string; readonly groups: readonly string[] } {
  switch (subject.kind) {
    case 'User':
      return { user: subject.name, groups: ['system:authenticated'] };
    case 'Group':
      return { user: '', groups: [subject.name, 'system:authenticated'] };
    case 'ServiceAccount': {
      const groups = ['system:serviceaccounts', `system:serviceaccounts:${subject.namespace}`, 'system:authenticated'];
      return { user: `system:serviceaccount:${subject.namespace}:${subject.name}`, groups };
    }
  }
}

/** `pods/log` is the subresource `log` of `pods`. */
function splitResource(resource: string): { readonly resource: string; readonly subresource?: string } {
  const slash = resource.indexOf('/');
  if (slash === -1) return { resource };
  return { resource: resource.slice(0, slash), subresource: resource.slice(slash + 1) };
}
