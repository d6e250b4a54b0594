import { z } from 'zod';
import { AppError } from '../model/error.ts';
import { type ConfigIssue, describeIssues, formatPath, type IssuePath, toIssues } from './issues.ts';
import { keysOf } from './keys.ts';
import { configSchema, rule } from './schema.ts';
import { athenzName } from './text-schema.ts';
import { readYaml } from './yaml.ts';

/** The `config.yaml` of an in-cluster operator, and what its owner wrote into it besides. */
export interface OperatorFile {
  readonly config: OperatorConfig;
  /** Paths of keys that no version of the operator knows; it ignores them silently. */
  readonly unknown: readonly string[];
  /** Says what is wrong with it, with lines. */
  describe(issues: readonly ConfigIssue[]): string;
}

export type OperatorConfig = z.output<typeof operatorSchema>;

const path = z
  .string()
  .min(1)
  .refine((it) => !it.includes('-----BEGIN'), { error: 'must be a file path, not the content of the file' });
/** ZMS lower-cases every name. */
const anyCase = (pattern: string) => new RegExp(pattern, 'i');
const name = z.string().regex(anyCase(athenzName.source), 'must be an Athenz name, such as eks.users');
const { apiGroups, resources, verbs } = rule.shape;

const role = z
  .strictObject({
    athenzRole: name.optional(),
    // What the key was called in earlier versions.
    name: name.optional(),
    suffix: name.optional(),
    rules: z.array(z.strictObject({ apiGroups, resources, verbs })).min(1),
  })
  .refine((it) => [it.athenzRole, it.name, it.suffix].filter((given) => given !== undefined).length === 1, {
    path: ['athenzRole'],
    error: 'is required, once (earlier versions call it "name" or "suffix")',
  });

const operatorSchema = z.strictObject({
  athenz: z.strictObject({ zmsUrl: configSchema.shape.athenz.shape.zmsUrl, certPath: path, keyPath: path }),
  syncer: z.strictObject({
    parentDomain: name,
    userTld: z
      .string()
      .regex(anyCase(`^$|${athenzName.source}`), 'must be an Athenz name, such as user')
      .nullish(),
    athenzRoleMembers: z
      .strictObject({
        interval: z.union([z.string(), z.number()], { error: 'must be a duration, such as 10s' }).nullish(),
        includeGroup: z.boolean().nullish(),
      })
      .nullish(),
    excludedNamespaces: z.array(z.string()).nullish(),
    roles: z.array(role).min(1),
    // Empty in every version.
    namespace: z.unknown().optional(),
    namespaces: z.unknown().optional(),
  }),
});

/**
 * Reads the config of an in-cluster operator.
 *
 * @param file only named in messages
 * @throws AppError `CONFIG_SYNTAX` or `CONFIG_INVALID`, with lines and columns
 */
export function parseOperatorConfig(text: string, file: string): OperatorFile {
  const { raw, document, lines } = readYaml(text, file);
  const describe = (issues: readonly ConfigIssue[]) => describeIssues(issues, file, document, lines);
  const rest = structuredClone(raw);
  const unknown: string[] = [];
  for (;;) {
    const parsed = operatorSchema.safeParse(rest);
    if (parsed.success) return { config: parsed.data, unknown, describe };
    const issues = toIssues(parsed.error, keysOf(operatorSchema));
    // Where something is wrong, an unknown key may be why: a required one with a slip in it.
    if (issues.some((issue) => !issue.unknownKey)) throw notOperators(describe(issues));
    for (const issue of issues) {
      unknown.push(formatPath(issue.path));
      removeAt(rest, issue.path);
    }
  }
}

/** What a role is called in the operator's file, by any version. */
export function roleNameOf(role: OperatorConfig['syncer']['roles'][number]): string {
  return role.athenzRole ?? role.name ?? role.suffix ?? '';
}

/** The error for a file that cannot be converted. */
export function notOperators(what: string): AppError {
  return new AppError('CONFIG_INVALID', what, {
    next: "correct it, or give the operator's own config.yaml, which has the keys athenz and syncer",
  });
}

function removeAt(data: unknown, path: IssuePath): void {
  let at = data as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, unknown>;
  delete at[path.at(-1) ?? ''];
}
