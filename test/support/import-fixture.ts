import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Manifest } from './kube/object.ts';
import { type KubeStandIn, openKubeStandIn } from './kube/stand-in.ts';
import { type OperatorFixture, openOperatorFixture, operatorObjects } from './operator.ts';
import { gitEnv } from './repository.ts';
import { type Ran, type RunOptions, runMain } from './run.ts';

/** An operator's cluster, and the Athenz that it follows, beside an empty repository. */
export interface ImportFixture extends OperatorFixture {
  readonly kube: KubeStandIn;
  /** Runs `import` as the reader of the cluster and a client of ZMS, or with these flags in place of that. */
  import(args?: readonly string[], more?: ImportOptions): Promise<Ran>;
  /** As `import`, and says what it printed if the exit code is another one. */
  expect(code: number, args?: readonly string[], more?: ImportOptions): Promise<Ran>;
}

export interface ImportOptions extends RunOptions {
  /** Default: `reader`. */
  readonly user?: string;
}

/** What the operator has written, with the namespaces. */
const operatorCluster: readonly Manifest[] = (loadAll(operatorObjects) as Manifest[]).flatMap((object) => [
  { kind: 'Namespace', metadata: { name: object.metadata.namespace ?? '' } },
  object,
]);

export async function openImportFixture(objects: readonly Manifest[] = operatorCluster): Promise<ImportFixture> {
  await using made = new AsyncDisposableStack();
  const fixture = made.use(await openOperatorFixture());
  const kube = made.use(await openKubeStandIn());
  kube.put(objects);
  const folder = join(fixture.dir, '..', 'operator');
  await cp(join(folder, 'certs', 'ca.pem'), join(folder, 'ca.pem'));
  const athenz = [
    ...['--zms-url', fixture.sandbox.url, '--ca', '../operator/ca.pem'],
    ...['--cert', '../operator/certs/athenz_admin.cert.pem', '--key', '../operator/keys/athenz_admin.private.pem'],
  ];
  const clock = { now: () => Date.now(), sleep: async () => {} };
  const run: ImportFixture['import'] = async (args = [], { user = 'reader', ...more } = {}) => {
    const kubeconfig = await kube.writeKubeconfig(folder, { current: user });
    const all = args.includes('--zms-url') || args.includes('--snapshot') ? args : [...athenz, ...args];
    return runMain(['import', ...all], {
      cwd: fixture.dir,
      env: { ...gitEnv, KUBECONFIG: kubeconfig },
      clock,
      ...more,
    });
  };
  const disposables = made.move();
  return {
    ...fixture,
    kube,
    import: run,
    async expect(code, args, more) {
      const ran = await run(args, more);
      if (ran.code !== code)
        throw new Error(`import ended with ${ran.code} instead of ${code}\n${ran.out}\n${ran.err}`);
      return ran;
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

/** A RoleBinding with the operator's label. */
export function operatorBinding(namespace: string, name: string, ...users: readonly string[]): Manifest {
  return {
    kind: 'RoleBinding',
    metadata: { namespace, name, labels: { 'managed-by': 'athenz-syncer' } },
    roleRef: { kind: 'Role', name: name.replace(/:members$/, '') },
    subjects: users.map((user) => ({ kind: 'User', name: user })),
  };
}
