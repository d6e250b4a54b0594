import picomatch from 'picomatch';
import { label } from '../model/label.ts';
import { toIssues } from './issues.ts';
import { notOperators, type OperatorFile, roleNameOf } from './operator.ts';
import { behaviourChanges, losses } from './operator-notes.ts';
import { type ConfigInput, configSchema } from './schema.ts';
import { systemNamespaces } from './system-namespaces.ts';

/** What the operator's file does not say, or overrides of it. */
export interface ConvertOptions {
  /** What its cluster is called from now on. */
  readonly cluster: string;
  readonly namespaceFiles: readonly string[];
  /** What a path of the operator is, seen from our config. */
  readonly pathOf: (path: string) => string;
  readonly athenz: Partial<Pick<ConfigInput['athenz'], 'zmsUrl' | 'certPath' | 'keyPath' | 'caPath'>>;
}

/** A config of ours, and what a person has to know about it. */
export interface Converted {
  readonly config: ConfigInput;
  /** What the operator's file says and the config does not. */
  readonly lost: readonly string[];
  /** What goes another way from now on. */
  readonly different: readonly string[];
}

/**
 * Converts the config of an in-cluster operator to one that renders the same objects (`names: operator`), so that what the
 * operator wrote is adopted in place.
 *
 * @throws AppError `CONFIG_INVALID`, naming the place in the operator's file
 */
export function convertOperatorConfig(file: OperatorFile, options: ConvertOptions): Converted {
  const { athenz, syncer } = file.config;
  const userDomain = syncer.userTld?.toLowerCase() || 'user';
  const roles = syncer.roles.map((role) => ({ athenzRole: roleNameOf(role).toLowerCase(), rules: role.rules }));
  const checked = configSchema.shape.roles.unwrap().safeParse(roles);
  if (!checked.success) {
    const issues = toIssues(checked.error, () => []);
    throw notOperators(file.describe(issues.map((it) => ({ ...it, path: ['syncer', 'roles', ...it.path] }))));
  }
  const exclude = (syncer.excludedNamespaces ?? []).filter((name) => label.test(name) && !isSystem(name));
  const files = [...options.namespaceFiles];
  const config: ConfigInput = {
    athenz: {
      zmsUrl: athenz.zmsUrl,
      certPath: options.pathOf(athenz.certPath),
      keyPath: options.pathOf(athenz.keyPath),
      ...options.athenz,
      ...(userDomain === 'user' ? {} : { userDomain }),
    },
    clusters: [
      {
        name: options.cluster,
        domain: `${syncer.parentDomain.toLowerCase()}.{namespace}`,
        namespaces: { files, ...(exclude.length === 0 ? {} : { exclude: [...new Set(exclude)] }) },
      },
    ],
    roles,
    names: 'operator',
  };
  return { config, lost: losses(file), different: behaviourChanges(file.config, config) };
}

const isSystem = picomatch([...systemNamespaces]);
