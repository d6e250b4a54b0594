import type { RoleRef } from '../../../src/model/manifest.ts';

export const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** A Role or a RoleBinding as the server keeps it, as far as it is looked at. */
export interface RbacObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly roleRef?: RoleRef & { readonly apiGroup: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
}

export interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

/** The names of a binding's subjects; the server keeps no key where there are none. */
export function subjectNames({ subjects = [] }: RbacObject): readonly string[] {
  return subjects.map(({ name }) => name);
}
