/** Workflows that can be written, and what each does. */
export const workflows = {
  sync: 'proposes changes twice an hour',
  guard: 'the required check of pull requests',
  provision: 'creates domains and roles in Athenz',
  drift: 'compares Athenz, git and the clusters once a day',
} as const;

export type WorkflowName = keyof typeof workflows;

/** Those that are written where nobody says. */
export const defaultWorkflows: readonly WorkflowName[] = ['sync', 'guard'];

/** What secrets are for, and what the called workflows call them. Those of an environment must have these names. */
export const secretNames = {
  cert: 'ATHENZ_CERT',
  key: 'ATHENZ_KEY',
  'app-key': 'ATHENZ_GITOPS_APP_PRIVATE_KEY',
  kubeconfig: 'ATHENZ_GITOPS_KUBECONFIG',
} as const;

export type SecretUse = keyof typeof secretNames;
export type Secrets = Readonly<Record<SecretUse, string>>;

/** The variable with the id of the App. */
export const appIdVariable = 'ATHENZ_GITOPS_APP_ID';

/** Where the called workflows are, and at which tag or commit. */
export interface WorkflowSource {
  /** `owner/name` */
  readonly repository: string;
  readonly ref: string;
}

/** `owner/name@ref`; undefined where that is something else. */
export function parseWorkflowSource(text: string): WorkflowSource | undefined {
  const [, repository = '', ref = ''] = /^([\w.-]+\/[\w.-]+)@([\w.-][\w./-]*)$/.exec(text) ?? [];
  return ref === '' || ref.includes('..') || /(^|\/)\.{1,2}(\/|$)/.test(repository) ? undefined : { repository, ref };
}

/** `cert=NAME`; undefined where that is something else. GitHub refuses names that begin with `GITHUB_`. */
export function parseSecret(text: string): readonly [use: SecretUse, name: string] | undefined {
  const [, use = '', name = ''] = /^([a-z-]+)=([A-Za-z_][A-Za-z0-9_]*)$/.exec(text) ?? [];
  return Object.hasOwn(secretNames, use) && !/^github_/i.test(name) ? [use as SecretUse, name] : undefined;
}

/** Names of all secrets. @param given those that are named otherwise, as `cert=NAME` */
export function secretsOf(given: readonly string[]): Secrets {
  const named = given.map(parseSecret).filter((it) => it !== undefined);
  return { ...secretNames, ...Object.fromEntries(named) };
}
