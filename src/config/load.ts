import { dirname, resolve } from 'node:path';
import { AppError, reasonOfFile } from '../model/error.ts';
import { compileLayout } from '../model/layout.ts';
import { readText } from '../runtime/file.ts';
import { type ConfigIssue, describeIssues, type IssuePath, suggest, toIssues, withoutConsequences } from './issues.ts';
import { keysOf } from './keys.ts';
import { type GeneratorSchemas, type ParsedConfig, schemaWith } from './schema.ts';
import type { ClusterConfig, Config, RoleConfig } from './types.ts';
import { readYaml } from './yaml.ts';

/**
 * Reads and checks a config file (YAML or JSON).
 *
 * @param file its path
 * @param further what generators add, see `GeneratorSchemas`
 * @param shown what messages call it
 * @returns the config with every default filled in and its own paths made absolute
 * @throws AppError `CONFIG_NOT_FOUND`, `CONFIG_SYNTAX`, `CONFIG_UNKNOWN_KEY` or `CONFIG_INVALID`; the last two name
 *   every issue at once, each with its line
 */
export async function loadConfig(file: string, further: GeneratorSchemas = {}, shown = file): Promise<Config> {
  let text: string;
  try {
    text = await readText(file);
  } catch (error) {
    throw new AppError('CONFIG_NOT_FOUND', `reading the config ${file}: ${reasonOfFile(error)}`, {
      next: 'write one with athenz-gitops init, or give its path with --config FILE',
      cause: error,
    });
  }
  return parseConfig(text, file, further, shown);
}

/** As `loadConfig`, from text; `file` resolves relative paths. */
export function parseConfig(text: string, file: string, further: GeneratorSchemas = {}, shown = file): Config {
  const schema = schemaWith(further);
  const { raw, document, lines } = readYaml(text, shown);
  const parsed = schema.safeParse(raw);
  const issues = parsed.success ? crossCheck(parsed.data) : withoutConsequences(toIssues(parsed.error, keysOf(schema)));
  if (issues.length > 0 || !parsed.success) {
    const code = issues.every((issue) => issue.unknownKey) ? 'CONFIG_UNKNOWN_KEY' : 'CONFIG_INVALID';
    throw new AppError(code, describeIssues(issues, shown, document, lines), {
      next: `correct ${issues.length === 1 ? 'it' : `these ${issues.length}`} and run again`,
    });
  }
  const generators = Object.entries(parsed.data).filter(([key, own]) => key in further && own !== undefined);
  return { ...complete(parsed.data, resolve(file)), generators: Object.fromEntries(generators) };
}

/** What no single value shows: names that must differ or must exist elsewhere in the file. */
function crossCheck(config: ParsedConfig): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const issue = (path: IssuePath, message: string) => issues.push({ unknownKey: false, path, message });
  const names = new Map<string, number>();
  for (const [index, cluster] of config.clusters.entries()) {
    const first = names.get(cluster.name);
    if (first !== undefined) {
      const both = `"${config.clusters[first]?.domain}" and "${cluster.domain}"`;
      issue(['clusters', index, 'name'], `cluster "${cluster.name}" is listed twice, with the domains ${both}`);
    }
    names.set(cluster.name, index);
    if (cluster.roles === undefined && config.roles === undefined) {
      issue(['clusters', index], 'has no roles: set "roles" at the top or here');
    }
  }
  issues.push(...checkContexts(config));
  const { rootOf } = compileLayout(config.output.path);
  if (config.clusters.length > 1 && !config.output.path.includes('{cluster}')) {
    issue(['output', 'path'], 'must contain {cluster} with more than one cluster (paths would collide)');
  } else if (config.clusters.length > 1 && rootOf('a') === rootOf('b')) {
    const why = 'with more than one cluster, each needs its own folder';
    issue(['output', 'path'], `must contain {cluster} in a folder before any other placeholder: ${why}`);
  }
  if (rootOf('cluster') === '') {
    issue(['output', 'path'], 'must start with a folder used only by athenz-gitops, not the root of the repository');
  }
  const lists = [config.roles, ...config.clusters.map((cluster) => cluster.roles)];
  const long = longestPart(
    config.output.path,
    lists.flatMap((list) => list ?? []).map((role) => role.athenzRole),
  );
  if (long > 255) {
    issue(['output', 'path'], `makes a file or folder name of ${long} bytes (limit 255)`);
  }
  for (const [index, list] of lists.entries()) {
    const path = index === 0 ? ['roles'] : ['clusters', index - 1, 'roles'];
    for (const [entry, role] of (list ?? []).entries()) {
      if (config.names === 'operator' && role.clusterRole !== undefined) {
        issue(
          [...path, entry, 'clusterRole'],
          'cannot be used with "names: operator", whose bindings refer to Roles of the same name',
        );
      }
    }
  }
  const roles = new Set(lists.flatMap((list) => (list ?? []).map((role) => role.athenzRole)));
  const known = [...roles];
  for (const [index, role] of config.limits.neverEmpty.entries()) {
    if (!roles.has(role)) {
      issue(['limits', 'neverEmpty', index], `"${role}" is not a configured role${suggest(role, known)}`);
    }
  }
  for (const role of Object.keys(config.provision.roles)) {
    if (roles.has(role)) continue;
    issue(['provision', 'roles', role], `"${role}" is not a configured role${suggest(role, known)}`);
  }
  return issues;
}

/** One current context cannot be two clusters. */
function checkContexts({ clusters }: ParsedConfig): readonly ConfigIssue[] {
  if (clusters.length === 1) return [];
  return clusters.flatMap(({ namespaces, kube }, index): ConfigIssue[] => {
    const path = ['clusters', index, 'kube'];
    if (kube === undefined) {
      const message = 'is required for "namespaces: {cluster: true}" with more than one cluster';
      return namespaces.cluster ? [{ unknownKey: false, path, message }] : [];
    }
    if (kube.inCluster || kube.context !== null) return [];
    const message = 'is required with more than one cluster: all would be read through the current context';
    return [{ unknownKey: false, path: [...path, 'context'], message }];
  });
}

/** Bytes of the longest file or folder name that a path can make of these roles, and of the longest other names. */
function longestPart(path: string, roles: readonly string[]): number {
  const role = roles.reduce((longest, it) => (it.length > longest.length ? it : longest), '');
  const label = 'x'.repeat(63);
  const filled = compileLayout(path).pathOf({ cluster: label, namespace: label, role });
  return Math.max(...filled.split('/').map((part) => Buffer.byteLength(part)));
}

function complete(parsed: ParsedConfig, file: string): Omit<Config, 'generators'> {
  const dir = dirname(file);
  const absolute = (path: string | null) => (path === null ? null : resolve(dir, path));
  const { athenz, forge } = parsed;
  return {
    file,
    dir,
    id: parsed.id,
    athenz: {
      ...athenz,
      zmsUrl: athenz.zmsUrl.replace(/\/+$/, ''),
      certPath: absolute(athenz.certPath),
      keyPath: absolute(athenz.keyPath),
      caPath: absolute(athenz.caPath),
      publicKeys: Object.fromEntries(Object.entries(athenz.publicKeys).map(([id, path]) => [id, resolve(dir, path)])),
      cache: athenz.cache === 'off' ? 'off' : absolute(athenz.cache),
    },
    clusters: parsed.clusters.map(
      ({ name, domain, namespaces: { files, selector, exclude }, kube, roles }): ClusterConfig => ({
        name,
        domain,
        namespaces: files === undefined ? { selector: selector ?? null, exclude } : { files, exclude },
        kube: kube === undefined ? null : { ...kube, kubeconfig: absolute(kube.kubeconfig) },
        roles: sortRoles(roles ?? parsed.roles ?? []),
      }),
    ),
    members: parsed.members,
    names: parsed.names,
    output: parsed.output,
    forge: {
      ...forge,
      caPath: absolute(forge.caPath),
      remote: forge.remote ?? (forge.kind === 'github' ? 'origin' : null),
    },
    limits: parsed.limits,
    alerts: parsed.alerts,
    provision: parsed.provision,
  };
}

/** Sorted, so that the order in the config does not show in the output. */
function sortRoles(roles: NonNullable<ParsedConfig['roles']>): readonly RoleConfig[] {
  const sorted = roles.map(({ athenzRole, rules, clusterRole }): RoleConfig => {
    if (clusterRole !== undefined) return { athenzRole, clusterRole };
    return {
      athenzRole,
      rules: (rules ?? []).map(({ resourceNames, ...rule }) => (resourceNames ? { ...rule, resourceNames } : rule)),
    };
  });
  return sorted.sort((a, b) => (a.athenzRole < b.athenzRole ? -1 : 1));
}
