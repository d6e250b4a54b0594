import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import { writeCredentials } from '../../src/sandbox/files.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { loadState } from '../../src/sandbox/state-file.ts';
import { openSandbox } from './authority.ts';
import { gitEnv, makeRepository, type TestRepository } from './repository.ts';
import { type Ran, type RunOptions, runMain } from './run.ts';

const data = (name: string) => fileURLToPath(new URL(`../data/operator/${name}`, import.meta.url));

/** The sample config of the operator. */
export const sampleConfig = await readFile(data('config.yaml'), 'utf8');
/** What the operator writes for the sample's Athenz, as YAML. */
export const operatorObjects = await readFile(data('objects.yaml'), 'utf8');

/** An Athenz that an operator follows, the folder it runs in, and a repository beside it that takes over. */
export interface OperatorFixture extends TestRepository {
  readonly sandbox: Sandbox;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** The operator's folder is `../operator` of the repository, with the certificates where its config says. */
export async function openOperatorFixture(): Promise<OperatorFixture> {
  const repository = await makeRepository();
  const sandbox = await openSandbox({ state: loadState(data('athenz.yaml')) });
  const folder = join(repository.dir, '..', 'operator');
  const made = await writeCredentials(sandbox, join(folder, 'issued'), { principal: 'acme.platform.gitops' });
  for (const [from, to] of [
    [made.certPath, 'certs/athenz_admin.cert.pem'],
    [made.keyPath, 'keys/athenz_admin.private.pem'],
    [made.caPath, 'certs/ca.pem'],
  ] as const) {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await cp(from, join(folder, to));
  }
  await repository.write({
    '../operator/config.yaml': sampleConfig.replace('https://localhost:4443/zms/v1', sandbox.url),
  });
  return {
    ...repository,
    sandbox,
    run: (args, options = {}) => runMain(args, { cwd: repository.dir, env: gitEnv, ...options }),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await repository[Symbol.asyncDispose]();
    },
  };
}

interface RbacObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly rules?: unknown;
  readonly roleRef?: unknown;
  readonly subjects?: readonly { readonly name: string }[];
}

/** What an object is and grants. A binding without the key `subjects` grants nobody. */
export function identities(texts: readonly string[]): readonly object[] {
  const objects = texts.flatMap((text) => loadAll(text) as RbacObject[]);
  const shown = objects.map(({ apiVersion, kind, metadata: { namespace, name }, rules, roleRef, subjects = [] }) => {
    const sorted = subjects.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { apiVersion, kind, namespace, name, rules, roleRef, subjects: sorted };
  });
  return shown.sort((a, b) => (`${a.namespace} ${a.name}` < `${b.namespace} ${b.name}` ? -1 : 1));
}
