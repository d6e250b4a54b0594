import pLimit from 'p-limit';
import { reviewAccess } from '../cluster/review.ts';
import { AppError, toProblem } from '../model/error.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import type { OpenedCluster } from '../run/open-cluster.ts';
import { progressLine } from '../run/terminal.ts';
import { drawProbes, type ProbeQuestion } from './probe.ts';
import type { Disagreement, ProbeResult, Unread } from './result.ts';
import type { ComparedBinding } from './sides.ts';

interface Answered {
  readonly question: ProbeQuestion;
  readonly allowed: boolean;
  readonly reason: string;
}

/** Asks the API servers about grants and non-grants. One that does not answer is reported; the others continue. */
export async function askProbes(
  io: Io,
  flags: Pick<CommonFlags, 'quiet'> & { readonly probe?: number },
  opened: ReadonlyMap<string, OpenedCluster>,
  compared: readonly ComparedBinding[],
): Promise<{ readonly probe: ProbeResult; readonly unread: readonly Unread[] }> {
  const plan = drawProbes(compared, flags.probe ?? 0, String(io.clock.now()));
  const progress = progressLine(io, flags);
  let done = 0;
  // A cluster that once gave no answer is not asked on: it would give none to each question.
  const problems = new Map<string, Unread>();
  const ask = async (question: ProbeQuestion): Promise<Answered | undefined> => {
    const { cluster } = question;
    const session = opened.get(cluster)?.session;
    if (session === undefined || problems.has(cluster)) return undefined;
    try {
      const answer = await reviewAccess(session, question);
      progress.show(`checking with the API server: ${++done} of ${plan.questions.length}`);
      return { question, ...answer };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!problems.has(cluster)) problems.set(cluster, { cluster, problem: toProblem(error) });
      return undefined;
    }
  };
  try {
    const limit = pLimit(16);
    const answers = await Promise.all(plan.questions.map((question) => limit(() => ask(question))));
    const known = answers.filter((it) => it !== undefined);
    const grants = known.filter(({ question }) => question.expected).length;
    const disagreements = known.flatMap(disagreement);
    const probe = { grants, nonGrants: known.length - grants, skipped: plan.skipped, disagreements };
    return { probe, unread: [...problems.values()] };
  } finally {
    progress.clear();
  }
}

function disagreement({ question, allowed, reason }: Answered): readonly Disagreement[] {
  const { cluster, namespace, subject, verb, resource, expected } = question;
  if (allowed === expected) return [];
  return [{ cluster, namespace, subject, request: `${verb} ${resource}`, expected, allowed, reason }];
}
