import type { Tags } from './domain.ts';

/** The tag that marks what provisioning has created: anything without it is foreign. */
export const mark = { key: 'athenz-gitops.managed-by', value: 'athenz-gitops' } as const;

/** The tag that says for which cluster a domain was created: another config may have clusters of its own. */
export const clusterTag = 'athenz-gitops.cluster';

/** The tag that says which config created a domain: only that one may delete it. */
export const configTag = 'athenz-gitops.config';

/** The tag that says which administrators a Namespace named when its domain was created: those were not added by hand. */
export const adminsTag = 'athenz-gitops.admin-users';

/** Whether a tag is one that only provisioning writes. */
export function isOwnTag(key: string): boolean {
  return [mark.key, clusterTag, configTag, adminsTag].includes(key);
}

/** How many values the tags of one thing may have in all: ZMS' default, measured on 1.12.44. */
export const tagLimit = 25;

export function tagCount(tags: Tags): number {
  return Object.values(tags).reduce((sum, values) => sum + new Set(values).size, 0);
}

/** Whether something was created by provisioning. */
export function isOurs({ tags }: { readonly tags: Tags }): boolean {
  return tags[mark.key]?.includes(mark.value) === true;
}
