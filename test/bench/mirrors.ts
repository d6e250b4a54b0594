import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namespacesOf } from '../support/kube/fixture.ts';
import type { Manifest } from '../support/kube/object.ts';
import { openKubeStandIn } from '../support/kube/stand-in.ts';
import { gitIn } from '../support/repository.ts';
import { openAthenz } from './athenz.ts';
import { namespaceAt, writeConfig } from './fleet.ts';
import type { Command } from './measure.ts';
import { bin } from './program.ts';
import type { Contender } from './render.ts';

/** Services of another cluster, with their endpoints. */
export interface MirrorsBench {
  readonly contenders: readonly Contender[];
  /** The first sync, which proposes all Services; `merge` merges what is proposed. */
  readonly cold: Command;
  merge(): void;
  /** Files that the proposal changes. */
  changed(): number;
  /** Puts another address in place of one of each hundred. */
  churn(): Promise<void>;
  close(): Promise<void>;
}

const branch = 'athenz-gitops/main/mirrors@+athenz-gitops_yaml.prod';
const namespaces = 20;

/** @param dir an empty folder */
export async function openMirrorsBench(dir: string, services: number, endpoints: number): Promise<MirrorsBench> {
  const { sandbox, athenz } = await openAthenz(dir, namespaces);
  const own = join(dir, 'own');
  await writeConfig(own, namespaces, athenz);
  const kube = await openKubeStandIn();
  kube.put(namespacesOf(...Array.from({ length: namespaces }, (_, at) => namespaceAt(at))));
  const kubeconfig = await kube.writeKubeconfig(dir, { current: 'admin' });
  const config = join(own, 'athenz-gitops.yaml');
  const rule = {
    source: { cluster: 'eu1', namespaces: Array.from({ length: namespaces }, (_, at) => namespaceAt(at)) },
    destination: { cluster: 'prod', verify: false },
  };
  const parsed = JSON.parse(await readFile(config, 'utf8'));
  // Its namespaces have no domain: it has no one's access.
  const eu1 = {
    ...parsed.clusters[0],
    name: 'eu1',
    domain: 'acme.none.{namespace}',
    kube: { kubeconfig, context: 'admin' },
  };
  const clusters = [...parsed.clusters, eu1];
  await writeFile(config, JSON.stringify({ ...parsed, clusters, mirrors: { services: [rule] } }, null, 2));
  /** How often the address of an endpoint has been replaced. */
  const turns = new Map<number, number>();
  const write = () => {
    for (let at = 0; at < services; at++) {
      const numbers = Array.from({ length: endpoints }, (_, index) => at * endpoints + index);
      const addresses = numbers.map((it) => addressOf(it, turns.get(it) ?? 0));
      kube.put(objectsOf(at, namespaceAt(at % namespaces), addresses));
    }
  };
  write();
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', own);
  gitIn(own, 'add', '--all');
  gitIn(own, 'commit', '--quiet', '--message', 'Config');
  const sync: Command = { program: process.execPath, args: [bin, 'sync', '--quiet'], cwd: own };
  const replace = async (each: number) => {
    for (let at = 0; at < services * endpoints; at += each) turns.set(at, (turns.get(at) ?? 0) + 1);
    write();
  };
  return {
    cold: sync,
    merge() {
      const open = gitIn(own, 'for-each-ref', '--format=%(refname)', 'refs/heads/athenz-gitops').split('\n');
      for (const it of open.filter(Boolean)) gitIn(own, 'merge', '--quiet', '--no-edit', it);
      gitIn(own, 'repack', '-adq');
    },
    changed: () => gitIn(own, 'diff', '--name-only', `main...${branch}`).split('\n').filter(Boolean).length,
    churn: () => replace(100),
    contenders: [
      { name: 'athenz-gitops sync, nothing changed', command: sync },
      {
        name: 'athenz-gitops sync, one address replaced',
        command: sync,
        before: () => replace(services * endpoints),
      },
    ],
    async close() {
      await kube[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

/** Each turn is of a range of its own. */
function addressOf(at: number, turn: number): string {
  return `10.${(turn * 16 + Math.floor(at / 65_536)) % 256}.${Math.floor(at / 256) % 256}.${at % 256}`;
}

function objectsOf(at: number, namespace: string, addresses: readonly string[]): readonly Manifest[] {
  const name = `service-${at}`;
  return [
    {
      kind: 'Service',
      metadata: { name, namespace, labels: { sync: 'true' } },
      spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
    },
    {
      kind: 'EndpointSlice',
      metadata: { name: `${name}-x1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    },
  ];
}
