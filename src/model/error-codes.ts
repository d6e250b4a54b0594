/** What a code stands for, for `docs/reference/errors.md`; a message says the same of one case, with names. */
interface Meaning {
  readonly cause: string;
  readonly remedy: string;
  /**
   * What it leads to: 2 the caller has to correct something, 1 the command failed, 4 something is held, 3 something could not
   * be read or done; where that was all there was, 1.
   */
  readonly exit: 1 | 2 | 3 | 4;
}

const usage = (cause: string, remedy: string) => ({ cause, remedy, exit: 2 }) as const;
const failed = (cause: string, remedy: string) => ({ cause, remedy, exit: 1 }) as const;
const held = (cause: string, remedy: string) => ({ cause, remedy, exit: 4 }) as const;
const partial = (cause: string, remedy: string) => ({ cause, remedy, exit: 3 }) as const;

/** Every code a user or a script can see. A code is stable; its message may be reworded. */
export const errorCodes = {
  USAGE: usage('the command line is wrong', 'see --help of the command'),
  CANCELLED: failed('Ctrl-C or SIGTERM interrupted it', 'run again: the next run continues'),
  DEADLINE: partial('the time of --deadline is over', 'raise it, or let the next run read the rest'),
  PULL_REQUEST_REF: usage(
    'a command that writes was started for a pull request or a merge queue',
    'run it on the base branch; use plan for pull requests',
  ),
  INTERNAL: failed('a mistake in the program', 'report it, with --log-level debug'),

  CONFIG_NOT_FOUND: usage('there is no config file at that path', 'correct --config, or make one with init'),
  CONFIG_SYNTAX: usage('the config, or the sandbox state, is not YAML', 'correct the line that the message names'),
  CONFIG_UNKNOWN_KEY: usage(
    'the config has a key that does not exist',
    'correct it; the message names the nearest one',
  ),
  CONFIG_INVALID: usage(
    'a value of the config is wrong, two values do not go together, or two configs collide',
    'correct what the message names',
  ),
  TEMPLATE_NOT_FOUND: usage('output.templates lacks a template', 'add the file, or remove output.templates'),
  TEMPLATE_SYNTAX: usage('a template is not YAML, or too large', 'correct the line that the message names'),
  TEMPLATE_FIELD: usage(
    'a template sets something other than labels and annotations',
    'remove that field: the rest comes from Athenz and the config',
  ),
  SNAPSHOT_INVALID: usage(
    'the file of --snapshot is missing, damaged, or lacks a domain of this config',
    'take a new snapshot with this config',
  ),

  ATHENZ_CERT_MISSING: usage(
    'no client certificate or key is set, or its file cannot be read',
    'set athenz.certPath and keyPath, or ATHENZ_CERT and ATHENZ_KEY',
  ),
  ATHENZ_CERT_INVALID: usage(
    'the certificate or key is not PEM, is encrypted, or the two do not belong together',
    'provide a matching, unencrypted pair',
  ),
  ATHENZ_CERT_EXPIRED: failed('the client certificate has expired', 'renew it, and check its automatic renewal'),

  ZMS_TLS: partial(
    'TLS with ZMS failed: unknown CA, wrong name, expired, or the client certificate was refused',
    'set athenz.caPath, or correct athenz.zmsUrl; never turn verification off',
  ),
  ZMS_UNREACHABLE: partial('no connection to ZMS', 'check athenz.zmsUrl, DNS, proxies and firewalls'),
  ZMS_TIMEOUT: partial(
    'ZMS did not answer within athenz.requestTimeout',
    'wait for the next run; if it persists, ask the ZMS administrators',
  ),
  ZMS_UNAUTHENTICATED: partial(
    'ZMS does not accept the client certificate (401)',
    'use a certificate whose issuer ZMS trusts',
  ),
  ZMS_FORBIDDEN: partial(
    'ZMS refuses a read or a write of this identity (403)',
    'ask for access; docs/how-to/provision.md has the policy for writes',
  ),
  ZMS_NOT_FOUND: partial('ZMS does not have what was asked for (404)', 'check that athenz.zmsUrl ends in /zms/v1'),
  ZMS_QUOTA: partial(
    'ZMS limits requests, or its quota is used up (429)',
    'lower athenz.requestsPerSecond, or ask for a higher quota',
  ),
  ZMS_UNAVAILABLE: partial(
    'ZMS failed (5xx), or was taken for down after many failures',
    'wait for the next run; if it persists, ask the ZMS administrators',
  ),
  ZMS_BAD_RESPONSE: partial(
    'the response is not what ZMS would send',
    'check athenz.zmsUrl, and any proxy in front of ZMS',
  ),
  ZMS_SIGNATURE: partial(
    'a domain document is not signed by the expected key',
    'check athenz.publicKeys and any proxy in front of ZMS; after a rotation, add the new key',
  ),
  ZMS_STALE: partial('a document is older than the domain list says, or changed meanwhile', 'wait for the next run'),
  ZMS_ABSENCE_UNCONFIRMED: partial(
    'a domain is missing from the list, and ZMS did not confirm that it is gone',
    'run again when ZMS is reachable',
  ),
  ZMS_NOTHING_READ: failed('not one domain document could be read', 'the message has the first reason'),
  ZMS_OWNED: partial(
    'another tool owns the domain or role in Athenz (409)',
    'change it with that tool, or leave it to it',
  ),
  ZMS_REFUSED: partial('ZMS refuses what was to be written (400)', 'correct the name or value that the message names'),

  PROVISION_PARENT_MISSING: partial(
    'the parent of a domain does not exist',
    'correct clusters[].domain, or ask for the parent: parents are never created',
  ),
  PROVISION_NO_ADMIN: partial('no administrator is named for a new domain', 'set provision.adminUsers'),
  PROVISION_NOT_ADMIN: partial(
    'the identity does not administer the domains it creates, so it could not write their roles',
    'add it to provision.adminUsers',
  ),
  PROVISION_BAD_VALUE: partial(
    'a name or setting of a new domain is not one that Athenz takes',
    'correct the config or the annotation that the message names',
  ),
  PROVISION_TRUST_MISSING: partial(
    'the domain that a role is delegated to does not exist',
    'correct provision.roles, or ask for that domain',
  ),
  PROVISION_QUOTA: partial('the quota of subdomains is used up', 'ask the ZMS administrators for a higher one'),

  INVENTORY_NO_MATCH: partial(
    'no file, or no namespace of the cluster, matches',
    'correct namespaces.files or namespaces.selector, or commit the files',
  ),
  INVENTORY_UNREADABLE: partial(
    'a file or list of namespaces cannot be read; no namespace of that cluster is removed meanwhile',
    'correct the file, or leave it out',
  ),
  INVENTORY_BAD_NAME: partial(
    'a name in a file of namespaces cannot name a namespace',
    'correct it; quote a name that reads as a number',
  ),

  OUTPUT_COLLISION: held(
    'two units would share a file, or two paths differ by case alone',
    'rename one of the two that the message names',
  ),
  OUTPUT_FOREIGN: held(
    'a file in an output folder was not written by athenz-gitops',
    'move it, or list it in output.keep, copies.keep, mirrors.keep or fleet.keep',
  ),
  OUTPUT_BRANCH: held(
    'a branch that files are committed to directly is of another config, or of another base',
    'name a branch of its own, or delete it if nothing else commits to it',
  ),
  OUTPUT_UNPARSABLE: held(
    'a file of ours cannot be read back: it was edited or damaged',
    'restore it from git, or delete it to render it again',
  ),
  OUTPUT_PATH: held('a file of ours has a path that git refuses to write', 'remove it from the branch manually'),
  OUTPUT_LINK: failed(
    'an output folder is a link or a submodule, or init would write through a link',
    'set output.path to a folder of this repository, or replace the link',
  ),
  OUTPUT_WRITE: failed('a file could not be written', 'free space or give write access, and run again'),

  COPY_SYNC_INVALID: held(
    'an ObjectSync has an unknown field or a wrong value, two have one name, or its file cannot be read',
    'correct it; docs/how-to/copies.md has its fields',
  ),
  COPY_KIND_UNKNOWN: held('the kind of a source is not known', 'add its CustomResourceDefinition to copies.sources'),
  COPY_KIND_REFUSED: held(
    'the kind is cluster-scoped, or one that is not copied by default',
    'add a namespaced kind to copies.allowKinds if it has to be',
  ),
  COPY_NOT_ALLOWED: held(
    'the config does not allow the namespace, the resource or the name',
    'change the ObjectSync, or what copies allows',
  ),
  COPY_NAMESPACE_UNKNOWN: held(
    'a destination names a namespace that the inventory does not have',
    'correct the name, or add the namespace',
  ),
  COPY_SOURCE_MISSING: held(
    'the source is missing in the wanted version, or missing and onSourceMissing is fail',
    'add the source, or change the ObjectSync',
  ),
  COPY_SOURCE_AMBIGUOUS: held('two files have the source', 'remove one'),
  COPY_SOURCE_INVALID: held('the API server would reject the source', 'correct what the message names'),
  COPY_SOURCE_UNREADABLE: partial(
    'a source cannot be read; its copies stay',
    'correct the file, or wait for the cluster to answer',
  ),
  COPY_SECRET_PLAINTEXT: held(
    'the source is a Secret in clear, which is never copied',
    'use an ExternalSecret, a SealedSecret or SOPS',
  ),
  COPY_SECRET_BOUND: held(
    'the sealed or encrypted source could not be decrypted in another namespace',
    'seal it cluster-wide, or encrypt it with --mac-only-encrypted',
  ),
  COPY_SECRET_STORE: held(
    'a namespace lacks the SecretStore of the source',
    'add the store, or use a ClusterSecretStore',
  ),
  COPY_CONFLICT: held('two ObjectSyncs, or an ObjectSync and a file, make one object', 'remove or rename one'),
  COPY_DUPLICATE_DESTINATION: held('two destinations of one ObjectSync disagree about a copy', 'remove or exclude one'),
  COPY_CYCLE: held('ObjectSyncs copy in a circle', 'break the circle that the message shows'),

  MIRROR_CONFLICT: held('two Services would be mirrored to one', 'change the selector or the destination of one'),
  MIRROR_FOREIGN: held(
    'the destination has a Service of that name that is not ours',
    'rename one; or remove its selector and label it sync=true-external to hand it over',
  ),
  MIRROR_NAMESPACE_UNKNOWN: held(
    'the inventory of the destination lacks the namespace of a Service',
    'add it to clusters[].namespaces, or set createNamespace',
  ),
  MIRROR_SOURCE_INVALID: held(
    'a Service or its endpoints are not what an API server has',
    'correct what the message names',
  ),
  MIRROR_SOURCE_UNREADABLE: partial(
    'a file or an object of a source cannot be read; what is mirrored from it stays',
    'correct it, or exclude the file',
  ),
  MIRROR_ADDRESS_REFUSED: held(
    'an endpoint has an address that leads elsewhere in the destination: loopback, link-local, multicast, in refuseCidrs, or a name',
    'correct the endpoints, or refuseCidrs',
  ),
  MIRROR_EXTERNAL_NAME: held(
    'a Service would lead to a name that each cluster resolves by itself, or to none',
    'name a host that both clusters resolve alike',
  ),
  MIRROR_EXPORT_INVALID: held(
    'the mode cannot export a Service of type ExternalName',
    'use mode endpointslice for it, or remove its label',
  ),
  MIRROR_ARGOCD_EXCLUDED: failed(
    'Argo CD leaves out EndpointSlices, as it does by default since 3.0: Services would have no endpoints',
    'change resource.exclusions of argocd-cm, or use another mode; docs/how-to/mirror.md says how',
  ),

  FLEET_INPUT_INVALID: held(
    'a file of the fleet cannot be read or says something that cannot be; what it names stays, and nothing else',
    'correct it; docs/how-to/fleet.md has its fields',
  ),
  FLEET_DUPLICATE_MODULE: held('a cluster lists a module more than once', 'keep one'),
  FLEET_MODULE_UNKNOWN: held('a cluster lists a module that no file has', 'add the module, or correct the name'),
  FLEET_SET_UNKNOWN: held('a cluster uses values that no file has', 'add the set, or correct the name'),
  FLEET_NO_VERSION: held('a module has no version in the channel', 'add it to its channels, or correct the channel'),
  FLEET_DOWNGRADE: held(
    'a module would get a lower version than it has in git',
    'correct the channel or the version, or set allowDowngrade',
  ),
  FLEET_DEPENDENCY: held(
    'a module depends on one that its cluster does not have, or modules depend on each other in a circle',
    'add the module, or correct dependsOn',
  ),
  FLEET_SECRET: held(
    'values hold what looks like a secret, which git would keep forever',
    'use valuesFrom, or the name of a Secret',
  ),
  FLEET_TOO_LARGE: held('the values of a module take more than 1 MiB', 'use valuesFrom with a ConfigMap'),

  LIMIT_REMOVED_GRANTS: held('exceeds limits.maxRemovedGrants', 'review the removals, then approve or correct them'),
  LIMIT_ADDED_GRANTS: held('exceeds limits.maxAddedGrants', 'review the additions, then approve or correct them'),
  LIMIT_NEVER_EMPTY: held('a role of limits.neverEmpty would lose its last member', 'approve it, or add a member'),
  LIMIT_SUBJECTS: held(
    'a role exceeds limits.maxSubjects; its additions are held',
    'remove members in Athenz, or raise the limit',
  ),
  LIMIT_REMOVED: held(
    'exceeds copies.limits.maxRemovedCopies, mirrors.limits.maxRemovedServices or fleet.limits.maxRemovedModules',
    'review the removals, then approve or correct them',
  ),
  LIMIT_ADDED: held(
    'exceeds copies.limits.maxAddedCopies, mirrors.limits.maxAddedServices or fleet.limits.maxAddedModules',
    'review the additions, then approve or correct them',
  ),

  GIT_NOT_A_REPOSITORY: failed('the config is in no git repository', 'git init, or correct --config'),
  GIT_TOO_OLD: failed('git is older than 2.38', 'install a newer one'),
  GIT_NO_COMMITS: failed('the repository has no commit', 'commit the config and the namespace files first'),
  GIT_BASE_NOT_FOUND: failed('the base branch does not exist', 'correct forge.base, or create the branch'),
  GIT_FAILED: failed('git failed; its own words are in the message', 'what the message says'),
  GIT_UNAUTHENTICATED: failed(
    'the remote wants credentials, or refuses them',
    'set GITHUB_TOKEN or the App, or give git credentials for it',
  ),
  GIT_LEASE: failed('a branch moved during the run; nothing was overwritten', 'wait for the next run'),

  FORGE_TOKEN_MISSING: usage(
    'there is no token for GitHub',
    'set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY',
  ),
  FORGE_KEY_INVALID: usage('the key of the App is no private key', 'provide the PEM text from GitHub'),
  FORGE_UNREACHABLE: failed('no connection to GitHub', 'check forge.apiUrl, forge.caPath and proxies'),
  FORGE_UNAUTHENTICATED: failed('GitHub does not accept the token or the key (401)', 'make a new one'),
  FORGE_FORBIDDEN: failed(
    'the token lacks a permission (403)',
    'give it contents: write and pull-requests: write, and let Actions create pull requests',
  ),
  FORGE_NOT_FOUND: failed('GitHub does not show the repository to this token (404)', 'correct forge.repository'),
  FORGE_MOVED: failed(
    'the repository was renamed or transferred, or the remote redirects',
    'set forge.repository and the URL of the remote to the new name',
  ),
  FORGE_LIMIT: failed('GitHub limits requests', 'wait: the next run continues'),
  FORGE_REFUSED: failed('GitHub refuses a request', 'what the message from GitHub says'),
  FORGE_UNAVAILABLE: failed('GitHub failed (5xx)', 'wait for the next run'),
  FORGE_BAD_RESPONSE: failed('the response is not what GitHub would send', 'check forge.apiUrl and proxies'),

  CLUSTER_CONFIG: usage(
    'the kubeconfig, its context or the kube settings are wrong or refused',
    'correct what the message names',
  ),
  CLUSTER_CHANGED: partial(
    'the context leads to another cluster than before, or than kube.uid says',
    'correct the context; if the cluster was replaced, correct kube.uid',
  ),
  CLUSTER_TLS: partial('TLS with the API server failed', 'correct the CA or the server of the kubeconfig'),
  CLUSTER_UNREACHABLE: partial('no connection to the API server', 'check the server of the kubeconfig, and proxies'),
  CLUSTER_TIMEOUT: partial('the API server did not answer in time', 'try again'),
  CLUSTER_UNAUTHENTICATED: partial('the credentials of the context are wrong or expired (401)', 'sign in again'),
  CLUSTER_FORBIDDEN: partial('the identity may not read that (403)', 'bind docs/clusterrole.yaml to it'),
  CLUSTER_REFUSED: partial('the API server refuses a request', 'what the message says'),
  CLUSTER_KIND_MISSING: partial('the API server does not have a kind', 'correct group, version and kind of the source'),
  CLUSTER_EXPIRED: partial('a list expired while it was read (410)', 'try again'),
  CLUSTER_UNAVAILABLE: partial('the API server failed (429, 5xx)', 'try again; if it persists, ask its administrators'),
  CLUSTER_BAD_RESPONSE: partial('the response is not that of an API server', 'check the server of the kubeconfig'),
  CLUSTER_NOTHING_READ: failed('no cluster could be read', 'the message has the first reason'),
  IMPORT_NOTHING_FOUND: failed(
    'the cluster has no objects of an operator',
    'correct --context or --selector, or start with init',
  ),
} as const satisfies Readonly<Record<string, Meaning>>;

export type ErrorCode = keyof typeof errorCodes;
