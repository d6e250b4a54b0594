import { resolve } from 'node:path';
import type { z } from 'zod';
import { readSnapshot } from '../athenz/snapshot-file.ts';
import { selector } from '../config/kube-schema.ts';
import { configSchema } from '../config/schema.ts';
import type { AthenzConfig } from '../config/types.ts';
import { liveSource, recordedSource, type SnapshotSource } from '../generators/rbac/source.ts';
import { AppError } from '../model/error.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { worldOf } from '../run/world.ts';
import { type Answers, checkFlags, defaultCluster, forgeAnswers } from '../setup/answers.ts';
import { refuseGitHubFlags } from '../setup/github.ts';
import type { SetupOptions } from '../setup/plan.ts';

export interface ImportFlags extends Pick<CommonFlags, 'json' | 'quiet' | 'logLevel'>, ForgeAnswers, SetupOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly selector?: string;
  readonly domain?: string;
  readonly userDomain?: string;
  readonly cluster?: string;
  readonly zmsUrl?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly snapshot?: string;
  readonly dir?: string;
}

/** Where changes are proposed, as `init` takes it. */
type ForgeAnswers = Omit<Answers, 'namespaces' | 'role'>;

/** What the cluster is called from now on. */
export function clusterOf({ cluster = defaultCluster }: ImportFlags): string {
  return cluster;
}

/** @throws AppError `USAGE` */
export function checkImportFlags(flags: ImportFlags): void {
  const { zmsUrl, cert, key } = flags;
  checkFlags(flags);
  refuseGitHubFlags(flags);
  if (flags.dir === undefined && forgeAnswers.some((name) => flags[name] !== undefined)) {
    throw usage('where changes are proposed is written with --dir only', 'add --dir FOLDER');
  }
  checkFlag('--selector', selector, flags.selector);
  checkFlag('--user-domain', configSchema.shape.athenz.shape.userDomain, flags.userDomain);
  if (zmsUrl === undefined && flags.snapshot === undefined) {
    throw usage('missing --zms-url: import asks Athenz who has access', 'add --zms-url, or --snapshot FILE');
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [lacks, has] = cert === undefined ? ['--cert', '--key'] : ['--key', '--cert'];
    throw usage(`${has} requires ${lacks}`, 'give both, or set ATHENZ_CERT and ATHENZ_KEY');
  }
}

function checkFlag(flag: string, schema: z.ZodType, value: string | undefined): void {
  const wrong = value === undefined ? undefined : schema.safeParse(value).error?.issues[0]?.message;
  if (wrong !== undefined) throw usage(`${flag}: ${wrong}`, 'correct the command line');
}

function usage(message: string, next: string): AppError {
  return new AppError('USAGE', message, { next });
}

/** What Athenz says, from a file; undefined where it is to be asked. */
export async function snapshotOf(io: Io, { snapshot }: ImportFlags): Promise<Snapshot | undefined> {
  return snapshot === undefined ? undefined : readSnapshot(resolve(io.cwd, snapshot), io.clock.now());
}

export function openSource(
  io: Io,
  flags: ImportFlags,
  athenz: AthenzConfig,
  snapshot: Snapshot | undefined,
): SnapshotSource {
  return snapshot === undefined ? liveSource(worldOf(io, undefined, flags), athenz) : recordedSource(snapshot);
}
