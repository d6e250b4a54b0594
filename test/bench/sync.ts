import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { normaliseState } from '../../src/sandbox/state.ts';
import { makeFolder } from '../support/folder.ts';
import { gitIn, makeRepository } from '../support/repository.ts';
import { runMeasured, type Took } from './run.ts';

// CPU, peak memory and requests of a `sync` that changes nothing: node test/bench/sync.ts [NAMESPACES …]

const amounts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [2000, 18_000];
for (const amount of amounts) {
  const { cpu, peak } = await measure(amount);
  process.stdout.write(`${amount} namespaces: ${cpu.toFixed(2)} s CPU, ${peak} MB\n`);
}

async function measure(amount: number): Promise<Took> {
  await using folder = await makeFolder();
  await using repository = await makeRepository();
  const names = Array.from({ length: amount }, (_, index) => `team-${index}`);
  const people = (at: number) =>
    Array.from({ length: 20 }, (_, index) => `user.person_${(at * 7 + index * 251) % 5000}`);
  const groups = Array.from({ length: 50 }, (_, at) => [`org${at}`, people(at)] as const);
  const rolesOf = (at: number) => ({
    k8s_ns_admins: [...people(at), `acme.groups:group.org${at % 50}`],
    k8s_ns_viewers: people(at + 1),
  });
  const domains = {
    'acme.groups': { groups: Object.fromEntries(groups) },
    ...Object.fromEntries(names.map((name, at) => [`acme.eks.${name}`, { roles: rolesOf(at) }])),
  };
  const sandbox = await startSandbox({ state: normaliseState({ domains }) });
  try {
    const { caPath, certPath, keyPath } = await writeCredentials(sandbox, join(folder.dir, 'certs'), {
      principal: 'acme.gitops',
    });
    await mkdir(join(repository.dir, 'clusters'));
    await writeFile(join(repository.dir, 'clusters', 'prod.txt'), `${names.join('\n')}\n`);
    await writeFile(
      join(repository.dir, 'athenz-gitops.yaml'),
      `athenz: {zmsUrl: "${sandbox.url}", caPath: ${caPath}, certPath: ${certPath}, keyPath: ${keyPath}, cache: ${folder.dir}/cache}
clusters:
  - {name: prod, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/prod.txt]}}
roles:
  - {athenzRole: k8s_ns_admins, rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]}
  - {athenzRole: k8s_ns_viewers, clusterRole: view}
`,
    );
    await runMeasured(repository.dir, folder.dir, ['render', '--quiet']);
    gitIn(repository.dir, 'add', '--all');
    gitIn(repository.dir, '-c', 'gc.auto=0', 'commit', '--quiet', '--message', 'Everything');
    return await runMeasured(repository.dir, folder.dir, ['sync', '--quiet']);
  } finally {
    await sandbox.close();
  }
}
