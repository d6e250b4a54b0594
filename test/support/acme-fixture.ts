import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../src/run/io.ts';
import { readRecording } from './oracle.ts';
import { acme, type RecordedServer } from './recording.ts';
import { type Ran, runMain } from './run.ts';

/** A company recorded on a real ZMS. */
export const recording = readRecording(acme);
/** The roles of its config. */
export const roles = ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'];
export const domainOf = (namespace: string) => `acme.eks.${namespace}`;

/** The moment of the recording, for everything that is judged by the clock. */
const clock: Io['clock'] = { now: () => recording.takenAt.getTime(), sleep: async () => {} };

export interface AcmePlace extends AsyncDisposable {
  readonly dir: string;
  git(...args: readonly string[]): string;
  run(...args: readonly string[]): Promise<Ran>;
}

export interface AcmeOptions {
  readonly zms: RecordedServer;
  /** Lines at the end of the config. */
  readonly extra?: string;
  /** Default: those of the recording. */
  readonly namespaces?: readonly string[];
}

/** A repository with the namespaces of the recording and a config for it. */
export async function openAcmePlace({
  zms,
  extra = '',
  namespaces = recording.namespaces,
}: AcmeOptions): Promise<AcmePlace> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-acme-'));
  const certs = join(dir, 'certs');
  const repository = join(dir, 'repository');
  await mkdir(certs);
  await mkdir(join(repository, 'clusters'), { recursive: true });
  await zms.writeCredentials(certs);
  await writeFile(join(repository, 'clusters', 'prod.txt'), `${namespaces.join('\n')}\n`);
  const oncall = extra.includes('operator')
    ? 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]'
    : 'clusterRole: view';
  await writeFile(
    join(repository, 'athenz-gitops.yaml'),
    `athenz:
  zmsUrl: ${zms.url}
  certPath: ../certs/client.crt
  keyPath: ../certs/client.key
  caPath: ../certs/ca.crt
clusters:
  - name: prod
    domain: acme.eks.{namespace}
    namespaces: {files: [clusters/prod.txt]}
roles:
  - athenzRole: k8s_ns_admins
    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
  - athenzRole: k8s_ns_viewers
    rules:
      - {apiGroups: [""], resources: [pods, services, configmaps], verbs: [get, list, watch]}
      - {apiGroups: [apps], resources: [deployments, statefulsets], verbs: [get, list, watch]}
  - athenzRole: oncall
    ${oncall}
${extra}`,
  );
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message=namespaces');
  return {
    dir: repository,
    git,
    run: (...args) => runMain(args, { cwd: repository, clock }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
