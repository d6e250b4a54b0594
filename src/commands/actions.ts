import { randomUUID } from 'node:crypto';
import { appendFile, stat } from 'node:fs/promises';
import type { AdoptionResult } from '../adopt/result.ts';
import { renderAdoptionSummary } from '../adopt/text.ts';
import { renderDriftMarkdown } from '../drift/markdown.ts';
import type { DriftResult } from '../drift/result.ts';
import { reasonOf, toProblem } from '../model/error.ts';
import type { ProvisionResult } from '../provision/result.ts';
import { renderProvisionSummary } from '../provision/text.ts';
import { type Annotation, annotationLines, annotationOf, annotationsOf } from '../report/annotations.ts';
import type { ApprovalPlace } from '../report/approval.ts';
import { outputsOf, writeOutputs } from '../report/outputs.ts';
import type { RunReport } from '../report/run-report.ts';
import { runUrl, workflowFile } from '../report/run-url.ts';
import { renderFailure, renderSummary, summaryLimit } from '../report/summary.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';

/** On GitHub Actions: annotations, the summary of the step, and its outputs. What cannot be written is a warning. */
export async function tellActions(io: Io, flags: CommonFlags, report: RunReport): Promise<void> {
  const { warn } = logOf(io, flags);
  annotate(io, annotationsOf(report));
  await append(io.env, 'GITHUB_OUTPUT', warn, () => writeOutputs(outputsOf(report), `end-${randomUUID()}`));
  await append(io.env, 'GITHUB_STEP_SUMMARY', warn, (room) => renderSummary(report, room, placeOf(io.env)));
}

/** Where a summary is read: its workflow takes digests, and its log has the whole list. */
function placeOf(env: NodeJS.ProcessEnv): ApprovalPlace {
  const url = runUrl(env);
  return {
    workflow: workflowFile(env) ?? true,
    list: url === undefined ? 'the log of this step' : `[the log of this run](${url})`,
  };
}

/** As `tellActions`, of provisioning. */
export async function tellActionsOfProvision(io: Io, result: ProvisionResult): Promise<void> {
  const { warn } = logOf(io, { logLevel: 'warn' });
  const problems = [
    ...result.plan.problems.map(({ problem }) => problem),
    ...result.steps.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.problem] : [])),
  ];
  annotate(
    io,
    problems.map((it) => annotationOf('provision', it)),
  );
  await append(io.env, 'GITHUB_STEP_SUMMARY', warn, (room) => renderProvisionSummary(result, room));
}

/** As `tellActions`, of drift. */
export async function tellActionsOfDrift(io: Io, result: DriftResult): Promise<void> {
  const { warn } = logOf(io, { logLevel: 'warn' });
  annotate(
    io,
    result.unread.map(({ problem }) => annotationOf('drift: read failed', problem)),
  );
  // Characters are at most four bytes.
  await append(io.env, 'GITHUB_STEP_SUMMARY', warn, (room) => renderDriftMarkdown(result, Math.floor(room / 4)));
}

/** As `tellActions`, of what `import` foresees. */
export async function tellActionsOfImport(io: Io, result: AdoptionResult): Promise<void> {
  const { warn } = logOf(io, { logLevel: 'warn' });
  await append(io.env, 'GITHUB_STEP_SUMMARY', warn, (room) => renderAdoptionSummary(result, room));
}

/** As `tellActions`, of a run that came to no result. */
export async function tellActionsOfFailure(io: Io, error: unknown): Promise<void> {
  const { warn } = logOf(io, { logLevel: 'warn' });
  annotate(io, [annotationOf('athenz-gitops failed', toProblem(error))]);
  await append(io.env, 'GITHUB_STEP_SUMMARY', warn, () => renderFailure(toProblem(error)));
}

/** What GitHub Actions shows at the top of a run, beside the log. */
function annotate(io: Io, annotations: readonly Annotation[]): void {
  if (io.env['GITHUB_ACTIONS'] !== 'true' || annotations.length === 0) return;
  io.command?.(annotationLines(annotations));
}

/** @param write what to add to the file, of at most `room` bytes */
async function append(
  env: NodeJS.ProcessEnv,
  name: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY',
  warn: (message: string) => void,
  write: (room: number) => string,
): Promise<void> {
  const file = env[name] ?? '';
  if (file === '') return;
  try {
    const size = await stat(file).then(
      (it) => it.size,
      () => 0,
    );
    await appendFile(file, write(summaryLimit - size));
  } catch (error) {
    warn(`writing ${name}: ${reasonOf(error)}`);
  }
}
