import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { normaliseState } from '../../src/sandbox/state.ts';
import { makeFolder } from '../support/folder.ts';
import { readFiles } from '../support/generated.ts';
import { openKubeStandIn } from '../support/kube/stand-in.ts';
import { makeRepository } from '../support/repository.ts';
import { runMeasured } from './run.ts';

// CPU, memory and requests of `drift` over 10,000 bindings of 20 subjects: node test/bench/drift.ts [NAMESPACES]

const amount = Number(process.argv[2] ?? 5000);
const names = Array.from({ length: amount }, (_, index) => `team-${index}`);
const people = (at: number) => Array.from({ length: 20 }, (_, index) => `user.person_${(at * 7 + index * 251) % 5000}`);

const rolesOf = (at: number) => ({ k8s_ns_admins: people(at), k8s_ns_viewers: people(at + 1) });
const domains = Object.fromEntries(names.map((name, at) => [`acme.eks.${name}`, { roles: rolesOf(at) }]));

await using folder = await makeFolder();
await using repository = await makeRepository();
const sandbox = await startSandbox({ state: normaliseState({ domains }) });
await using cluster = await openKubeStandIn();
try {
  const { caPath, certPath, keyPath } = await writeCredentials(sandbox, join(folder.dir, 'certs'), {
    principal: 'acme.gitops',
  });
  const kubeconfig = await cluster.writeKubeconfig(folder.dir);
  await mkdir(join(repository.dir, 'clusters'));
  await writeFile(join(repository.dir, 'clusters', 'prod.txt'), `${names.join('\n')}\n`);
  await writeFile(
    join(repository.dir, 'athenz-gitops.yaml'),
    `athenz: {zmsUrl: "${sandbox.url}", caPath: ${caPath}, certPath: ${certPath}, keyPath: ${keyPath}, cache: ${folder.dir}/cache}
clusters:
  - {name: prod, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/prod.txt]}, kube: {kubeconfig: ${kubeconfig}, context: reader}}
roles:
  - athenzRole: k8s_ns_admins
    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
  - athenzRole: k8s_ns_viewers
    rules: [{apiGroups: [""], resources: [pods, services, configmaps], verbs: [get, list, watch]}]
`,
  );
  await run('render', '--quiet');
  await repository.commit({}, 'Everything');
  const files = await readFiles(repository.dir, 'output');
  cluster.put(names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  cluster.put([...files.values()].flatMap((text) => loadAll(text)) as Parameters<typeof cluster.put>[0], {
    manager: 'argocd-controller',
  });
  for (const what of ['the cache holds every document', 'again']) {
    const before = cluster.requests.length;
    const said = await run('drift', '--quiet');
    process.stdout.write(`${2 * amount} bindings, ${what}: ${said}, ${cluster.requests.length - before} requests\n`);
  }
} finally {
  await sandbox.close();
}

async function run(...args: readonly string[]): Promise<string> {
  const { cpu, peak } = await runMeasured(repository.dir, folder.dir, args);
  return `${cpu.toFixed(2)} s CPU, ${peak} MB`;
}
