import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, toProblem } from '../model/error.ts';
import type { Outcome } from '../model/outcome.ts';
import { readText } from '../runtime/file.ts';
import { writeWholeFile } from '../runtime/whole-file.ts';
import type { ClusterSession } from './session.ts';
import { parseUid } from './wire.ts';

/** Where it is remembered which cluster a name stood for. */
export interface ClusterMemory {
  /** Absolute path; undefined where nothing is kept between runs. */
  readonly file: string | undefined;
  /** From the config: counts in place of what is remembered. */
  readonly pinned: string | null;
}

/**
 * The file that remembers a cluster. A cluster's name is no identity: two repositories may call theirs `prod`.
 *
 * @param folder of what is kept between runs
 * @param place what the config says of the cluster besides its name
 */
export function identityFile(folder: string, cluster: string, place: readonly string[]): string {
  const name = createHash('sha256')
    .update(JSON.stringify([cluster, ...place]))
    .digest('hex');
  return join(folder, 'clusters', `${name.slice(0, 32)}.json`);
}

/**
 * Asks which cluster answers, by the uid of `kube-system` (the nearest thing to an identity that Kubernetes has), and
 * refuses another one than last time: what it lacks would look as if it had been removed.
 *
 * @returns the uid; `unknown` where it may not be read
 * @throws AppError `CLUSTER_CHANGED`, or `CLUSTER_…` when no answer came
 */
export async function identify(session: ClusterSession, memory: ClusterMemory): Promise<Outcome<string>> {
  const uid = await readUid(session);
  const expected = memory.pinned ?? (await recall(memory.file));
  if (uid.kind === 'value' && expected !== undefined && uid.value !== expected) {
    const where = memory.pinned === null ? `the last run's had ${expected}` : `clusters[].kube.uid is ${expected}`;
    const way = memory.pinned === null ? `remove ${memory.file}` : 'correct clusters[].kube.uid';
    const what = `the context "${session.context}" points to a cluster whose kube-system has the uid ${uid.value}`;
    throw new AppError('CLUSTER_CHANGED', `reading cluster ${session.cluster}: ${what}; ${where}`, {
      next: `correct the context; if the cluster was really replaced, ${way}`,
    });
  }
  return uid;
}

async function readUid(session: ClusterSession): Promise<Outcome<string>> {
  const doing = `reading the kube-system UID of cluster ${session.cluster}`;
  try {
    const request = { path: '/api/v1/namespaces/kube-system' };
    return { kind: 'value', value: await session.ask(doing, request, (body) => parseUid(body, doing)) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'CLUSTER_FORBIDDEN') {
      return { kind: 'unknown', problem: toProblem(error) };
    }
    throw error;
  }
}

/** Remembers which cluster was read. What cannot be written is not remembered, and the next run asks again. */
export async function remember(file: string, uid: string): Promise<void> {
  if ((await recall(file)) === uid) return;
  await writeWholeFile(file, `${JSON.stringify({ uid })}\n`, 'private');
}

/** What is not there or makes no sense is not remembered. */
async function recall(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return z.object({ uid: z.string().min(1) }).parse(JSON.parse(await readText(file))).uid;
  } catch {
    return undefined;
  }
}
