import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The cluster of a run of `npm run test:cluster`, and the kubectl for it. */
export const kubeconfig = required('TEST_KUBECONFIG');
const path = required('TEST_KUBECTL');

/** Runs kubectl as an administrator, and gives what it prints; what it says on stderr is in the error it throws. */
export function kubectl(...args: readonly string[]): Promise<string> {
  return kubectlWith({}, ...args);
}

/** As `kubectl`, with more in the environment. */
export async function kubectlWith(more: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  // Nothing of this user's own: neither preferences nor what was cached of another cluster.
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(tmpdir(), 'kubectl-cache'),
    KUBERC: 'off',
    ...more,
  };
  const { stdout } = await promisify(execFile)(path, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return stdout;
}

/** The two ways in which kubectl applies; GitOps engines have the same two. */
export const modes = ['client-side', 'server-side'] as const;
export type Mode = (typeof modes)[number];

/** Applies every manifest below a folder, as the engines do: what another tool has set is taken over. */
export function apply(mode: Mode, folder: string, to = kubeconfig): Promise<string> {
  const flags = mode === 'server-side' ? ['--server-side', '--force-conflicts'] : [];
  return kubectl('apply', ...flags, '--recursive', '--filename', folder, `--kubeconfig=${to}`);
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these by "npm run test:cluster"`);
  return value;
}
