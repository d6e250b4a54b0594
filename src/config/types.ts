import type { PolicyRule } from '../model/manifest.ts';
import type { UserDomains } from '../model/principal.ts';
import type { GroupBy } from '../model/proposal.ts';
import type { Share } from '../model/share.ts';
import type { KubeConfig } from './kube-schema.ts';
import type { ProvisionConfig } from './provision-schema.ts';

export type { KubeConfig } from './kube-schema.ts';
export type { ProvisionConfig } from './provision-schema.ts';

/** The config file, checked and with every default filled in. Paths are absolute unless said otherwise. */
export interface Config {
  /** The file it came from. */
  readonly file: string;
  /** Its folder: relative paths in it start there. */
  readonly dir: string;
  /** Names it as the owner of proposals and domains; `null`: its path does. */
  readonly id: string | null;
  readonly athenz: AthenzConfig;
  readonly clusters: readonly ClusterConfig[];
  readonly members: MembersConfig;
  readonly names: NamesMode;
  readonly output: OutputConfig;
  readonly forge: ForgeConfig;
  readonly limits: LimitsConfig;
  readonly alerts: AlertsConfig;
  readonly provision: ProvisionConfig;
  /** What further generators are configured by, by their names. */
  readonly generators: Readonly<Record<string, unknown>>;
}

/** Milliseconds; `null`: never. */
export interface AlertsConfig {
  readonly unread: number | null;
  readonly removals: number | null;
}

export interface AthenzConfig {
  readonly zmsUrl: string;
  readonly certPath: string | null;
  readonly keyPath: string | null;
  readonly caPath: string | null;
  /** Key id → file with the PEM of the public key. Empty: the key is read from ZMS. */
  readonly publicKeys: Readonly<Record<string, string>>;
  readonly userDomain: UserDomains;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly concurrency: number;
  readonly requestsPerSecond: number | 'off';
  /** Folder; null: the user's cache folder. */
  readonly cache: string | 'off' | null;
}

export interface ClusterConfig {
  readonly name: string;
  /** Athenz domain of a namespace, with `{namespace}` once. */
  readonly domain: string;
  readonly namespaces: NamespacesInFiles | NamespacesOfCluster;
  /** With an absolute `kubeconfig`; `null`: nobody has said how the API server is reached. */
  readonly kube: Readonly<KubeConfig> | null;
  /** In effect here: the cluster's own, else the common ones. Sorted by Athenz role. */
  readonly roles: readonly RoleConfig[];
}

export interface NamespacesInFiles {
  /** Globs, relative to the config's folder; those with a leading `!` leave files out. */
  readonly files: readonly string[];
  /** Names or globs, on top of the built-in list. */
  readonly exclude: readonly string[];
}

export interface NamespacesOfCluster {
  /** Label selector; `null`: all of them. */
  readonly selector: string | null;
  readonly exclude: readonly string[];
}

/** Binds an Athenz role either to a Role with `rules` or to a ClusterRole that exists. */
export type RoleConfig =
  | { readonly athenzRole: string; readonly rules: readonly PolicyRule[] }
  | { readonly athenzRole: string; readonly clusterRole: string };

export interface MembersConfig {
  readonly users: { readonly prefix: string };
  readonly services: 'skip' | 'User' | 'ServiceAccount';
  readonly groups: 'expand';
}

export type NamesMode = 'portable' | 'operator';

export interface OutputConfig {
  /** Relative to the config's folder, with `{cluster}`, `{namespace}`, `{role}`, `{shard}`. */
  readonly path: string;
  /** Relative to the config's folder; `null`: the package's own templates. */
  readonly templates: string | null;
  /** Globs of foreign files that may live in an output root, relative to the config's folder. */
  readonly keep: readonly string[];
}

export interface ForgeConfig {
  readonly kind: 'github' | 'local' | 'none';
  /** `owner/name`; set for GitHub. */
  readonly repository: string | null;
  readonly base: string;
  /** `null`: this repository itself, no remote. */
  readonly remote: string | null;
  readonly apiUrl: string | null;
  /** File with the CA of the forge's server, for its API and for git; `null`: the system's. */
  readonly caPath: string | null;
  readonly commit: { readonly name: string; readonly email: string };
  readonly groupBy: GroupBy;
  /** Asked for a review of each new pull request: users, or `team/<slug>`. */
  readonly reviewers: readonly string[];
  readonly maxOpenPullRequests: number;
  readonly maxFilesPerPullRequest: number;
}

export interface LimitsConfig {
  /** `null`: no limit. */
  readonly maxRemovedGrants: Share | null;
  readonly maxAddedGrants: Share | null;
  readonly neverEmpty: readonly string[];
  readonly maxSubjects: number;
}
