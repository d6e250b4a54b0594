import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/types.ts';
import { AppError } from '../../src/model/error.ts';

/** The least that a config has to say. */
export const smallest = `
athenz: {zmsUrl: "https://zms.example.com:4443/zms/v1"}
clusters:
  - name: prod
    domain: eks.users.{namespace}
    namespaces: {files: [clusters/prod/*.yaml]}
roles:
  - {athenzRole: k8s_ns_viewers, clusterRole: view}
`;

/** JSON data whose parts a test may replace. */
export type Data = { [key: string]: Data } | Data[] | string | number | boolean | null;

/** The same as data, to change one thing in. */
export const smallestData: Data = {
  athenz: { zmsUrl: 'https://zms.example.com:4443/zms/v1' },
  clusters: [{ name: 'prod', domain: 'eks.users.{namespace}', namespaces: { files: ['clusters/prod/*.yaml'] } }],
  roles: [{ athenzRole: 'k8s_ns_viewers', clusterRole: 'view' }],
};

/** A copy with something else at a path (`clusters.0.name`); `undefined` takes it away. */
export function withValue(data: Data, path: string, value: Data | undefined): Data {
  const copy = structuredClone(data);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = copy as Record<string, Data>;
  for (const key of keys) {
    at[key] ??= {};
    at = at[key] as Record<string, Data>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

/** The smallest config with something else at a path, read. */
export function configWith(path: string, value: Data | undefined): Config {
  return parseConfig(JSON.stringify(withValue(smallestData, path, value)), 'g.yaml');
}

/** The error that a config ends with; a config that is accepted fails the test. */
export function refusal(text: string, file = 'g.yaml'): AppError {
  try {
    parseConfig(text, file);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`this config is accepted:\n${text}`);
}

/** What is said about the smallest config with something else at a path, without file, line and column. */
export function refusalWith(path: string, value: Data | undefined): string {
  const { message } = refusal(JSON.stringify(withValue(smallestData, path, value)));
  return message.replaceAll(/^g\.yaml:\d+:\d+: /gm, '');
}
