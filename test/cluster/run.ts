import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../support/folder.ts';
import { openApiServer } from './server/api-server.ts';
import { givenKubeconfig, refuseInUse } from './server/given.ts';
import { buildKubernetes } from './server/kubernetes.ts';
import { output, start } from './server/program.ts';
import { SetupError } from './server/setup-error.ts';
import { openApi } from './support/api.ts';
import { fillClusterRoles } from './support/cluster-roles.ts';

// npm run test:cluster: the tests beside this file, on a real API server. See docs/contributing/testing.md.

const all = fileURLToPath(new URL('*.cluster.ts', import.meta.url));
/** One at a time, as they share the cluster; one that hangs fails. */
const flags = ['--test', '--test-concurrency=1', '--test-timeout=300000'];
const say = (text: string) => process.stderr.write(`test:cluster: ${text}\n`);

/** @param args for `node --test`; one that is no option names the files in place of all */
async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  // All of it is below one folder, what the tests leave included.
  await using folder = await makeFolder();
  const { dir } = folder;
  const given = await givenKubeconfig();
  const kubectl = await buildKubernetes('kubectl', { dir, signal });
  await using server = given === undefined ? await openApiServer({ dir, signal }) : undefined;
  const kubeconfig = given ?? server?.kubeconfig ?? '';
  await prepare(kubectl.path, kubeconfig, given !== undefined, signal);
  const cold = kubectl.made || server?.made ? 'cold' : 'warm';
  say(`${given === undefined ? 'the server is up' : 'the given cluster is prepared'} after ${seconds()} (${cold})`);

  const files = args.some((arg) => !arg.startsWith('-')) ? [] : [all];
  await using tests = await start(process.execPath, [...flags, ...args, ...files], {
    env: { ...process.env, TMPDIR: dir, TEST_KUBECONFIG: kubeconfig, TEST_KUBECTL: kubectl.path },
    signal,
  });
  const code = await tests.ended;
  signal.throwIfAborted();
  say(`${code === 0 ? 'passed' : 'failed'} after ${seconds()}`);
  return code ?? 1;
}

async function prepare(kubectl: string, kubeconfig: string, given: boolean, signal: AbortSignal): Promise<void> {
  const args = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json', `--kubeconfig=${kubeconfig}`];
  await using api = openApi(await output(kubectl, args, { signal }));
  if (given) await refuseInUse(api);
  await fillClusterRoles(api);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(name));
try {
  process.exitCode = await run(process.argv.slice(2), stop.signal);
} catch (error) {
  const by = stop.signal.reason as 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined;
  if (by !== undefined) say(`stopped by ${by}`);
  else if (error instanceof SetupError) say(error.message);
  else throw error;
  process.exitCode = by === undefined ? 1 : 128 + constants.signals[by];
}
