import { createHash } from 'node:crypto';
import { isProtected } from '../model/address.ts';
import { reasonOf } from '../model/error.ts';
import { auditNote, auditText, parseAudit } from '../propose/audit-note.ts';
import { type NoteContext, readOwnNote, writeOwnNote } from '../propose/own-note.ts';
import type { Log } from '../report/log.ts';
import type { RunReport } from '../report/run-report.ts';
import { deliver, type Webhook } from './deliver.ts';
import type { NotifyEvent, StandingEvent } from './event.ts';
import { mergedSince } from './history.ts';
import type { Recorded } from './merged.ts';
import { isSecret } from './sign.ts';
import { standingEvents } from './standing.ts';

export interface NotifyInput extends NoteContext {
  readonly report: RunReport;
  readonly recorded: readonly Recorded[];
  readonly log: Pick<Log, 'warn' | 'ignored'>;
}

/**
 * Sends a webhook what stands, where that differs from before, and what the base branch has gained and lost since the last message.
 * Whatever goes wrong is a warning, and is sent by the next run.
 */
export async function notify(input: NotifyInput): Promise<void> {
  const { io, workspace, state, report, recorded, log } = input;
  const webhook = webhookOf(io.env, log);
  // What a stop cut off stands for nothing.
  if (webhook === undefined || io.stop().aborted) return;
  try {
    const note = await readOwnNote(input, auditNote);
    const before = parseAudit(note?.text);
    const { commit, branch } = state.base;
    const standing = standingEvents(report);
    const told = digestOf(standing);
    const merged =
      before === undefined
        ? []
        : await mergedSince(workspace.repository.git, { from: before.base, to: commit }, recorded);
    const events: readonly NotifyEvent[] = [...merged, ...(told === before?.told ? [] : standing)];
    const context = { after: note?.polled ?? '', owner: state.claim.owner, run: io.runId, base: { branch, commit } };
    await deliver(webhook, events, context, { ...io, stop: io.stop() });
    const [first] = report.generators;
    await writeOwnNote(input, auditNote, auditText({ base: commit, told }), {
      subject: 'changes sent',
      polled: first.asOf,
    });
  } catch (error) {
    log.warn(`notifying ${new URL(webhook.url).host}: ${reasonOf(error)}; the next run tries again`);
  }
}

/** Sends that a run came to nothing. No note remembers it: git may be what failed. */
export async function notifyFailure(
  { io, log }: Pick<NotifyInput, 'io' | 'log'>,
  failed: NotifyEvent & { readonly type: 'failed' },
): Promise<void> {
  const webhook = webhookOf(io.env, log);
  if (webhook === undefined || io.stop().aborted) return;
  try {
    const context = { after: io.runId, owner: '', run: io.runId, base: { branch: '', commit: '' } };
    await deliver(webhook, [failed], context, { ...io, stop: io.stop() });
  } catch (error) {
    log.warn(`notifying ${new URL(webhook.url).host}: ${reasonOf(error)}`);
  }
}

/** What the environment names. */
function webhookOf(env: NodeJS.ProcessEnv, { ignored }: Pick<Log, 'ignored'>): Webhook | undefined {
  const { ATHENZ_GITOPS_WEBHOOK_URL: url = '', ATHENZ_GITOPS_WEBHOOK_SECRET: secret = '' } = env;
  if (url === '') return undefined;
  if (!isSecret(secret))
    ignored(
      'ATHENZ_GITOPS_WEBHOOK_URL is ignored: set ATHENZ_GITOPS_WEBHOOK_SECRET, which signs messages, to 16 bytes or more',
    );
  else if (!isProtected(url))
    ignored('ATHENZ_GITOPS_WEBHOOK_URL is ignored: it must be https; plain http is for loopback');
  else return { url, secret };
  return undefined;
}

/** The same for the same events in any order; texts do not count, which may say how long or how often something was tried. */
function digestOf(events: readonly StandingEvent[]): string {
  if (events.length === 0) return '';
  const lines = events.map((it) => JSON.stringify({ ...it, message: '', next: '', reason: '' })).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
