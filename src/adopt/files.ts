import { join } from 'node:path';
import type { ConfigInput } from '../config/schema.ts';
import { AppError } from '../model/error.ts';
import { defaultConfigName } from '../model/owner.ts';
import { someOf } from '../model/text.ts';
import type { Io } from '../run/io.ts';
import { seenFrom, toPaths } from '../setup/to-config.ts';
import { type MadeConfig, makeConfig } from '../setup/write.ts';
import { proposeConfig } from './config-input.ts';
import { type Inference, infer } from './infer.ts';
import { clusterOf, type ImportFlags } from './input.ts';
import { nothingFound, type ReadCluster } from './read-cluster.ts';
import type { ProposedConfig } from './result.ts';
import { groupLeftOut, unproposedWords } from './words.ts';

export type Inferred = Extract<Inference, { readonly kind: 'proposal' }>;

/** What a config would say of a cluster. @throws AppError `IMPORT_NOTHING_FOUND`; `USAGE` where it is not clear */
export function inferProposal(read: ReadCluster, flags: ImportFlags): Inferred {
  const { domain, userDomain = 'user' } = flags;
  const inferred = infer({ ...read.live, userDomain, ...(domain === undefined ? {} : { domain }) });
  switch (inferred.kind) {
    case 'proposal':
      return inferred;
    case 'nothing':
      throw nothingFound(read, flags);
    case 'ambiguous':
      throw new AppError('USAGE', `several domains are equally frequent: ${someOf(inferred.domains)}`, {
        next: 'choose one with --domain',
      });
    case 'inexpressible': {
      const plain = (text: string) => text;
      const groups = groupLeftOut(inferred.left, plain).map(({ words, objects }) => `${objects[0]}: ${words}`);
      const roles = inferred.unproposed.map((it) => unproposedWords(it, plain));
      const why = [...roles, ...groups].slice(0, 5).join('; ');
      const message = `no operator object in cluster ${clusterOf(flags)} can be converted: ${why}`;
      throw new AppError('IMPORT_NOTHING_FOUND', message, { next: 'write the config by hand: athenz-gitops init' });
    }
  }
}

/** The file that lists the namespaces, seen from the config. */
export function namespacesFile(flags: ImportFlags): string {
  return `clusters/${clusterOf(flags)}/namespaces.txt`;
}

/** The config as a file. @param dir the folder that it is for */
export function proposedConfig(
  io: Io,
  flags: ImportFlags,
  { cluster }: Pick<ReadCluster, 'cluster'>,
  { proposal }: Inferred,
  { zmsUrl, dir, forge }: { readonly zmsUrl: string; readonly dir: string; readonly forge: ConfigInput['forge'] },
): MadeConfig {
  const seen = seenFrom(dir, io.cwd);
  const { kubeconfig } = flags;
  const config = proposeConfig(proposal, {
    cluster: clusterOf(flags),
    namespaces: namespacesFile(flags),
    athenz: { zmsUrl, ...toPaths(flags, seen) },
    kube: {
      context: cluster.context,
      ...(kubeconfig === undefined ? {} : { kubeconfig: seen.path(kubeconfig) }),
      ...(cluster.uid === undefined ? {} : { uid: cluster.uid }),
    },
  });
  return makeConfig(config, forge, {
    file: join(dir, defaultConfigName),
    heading: [
      'Proposed by athenz-gitops import: it renders the objects that an in-cluster operator wrote.',
      'Every key is described in docs/reference/config.md of athenz-gitops; paths are relative to this file.',
    ],
  });
}

/** The list of namespaces as a file. */
export function namespacesText({ namespaces }: ProposedConfig): string {
  return namespaces.map((name) => `${name}\n`).join('');
}
