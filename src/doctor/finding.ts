import { AppError, messageLines, reasonOf } from '../model/error.ts';

/** One check, and what to do about it. Holds text from outside; escape it to show it. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string;
  /** `skipped`: it could not be checked, because of an error in another finding. */
  readonly status: 'ok' | 'warning' | 'error' | 'skipped';
  readonly message: string;
  /** More lines of the same message. */
  readonly details?: readonly string[];
  /** What the reader can do about it; every warning and error has one. */
  readonly fix?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function warning(check: string, message: string, fix: string): Finding {
  return { check, status: 'warning', message, fix };
}

export function error(check: string, message: string, fix: string): Finding {
  return { check, status: 'error', message, fix };
}

/** @param cause what has to be put right first */
export function skipped(check: string, cause: string): Finding {
  return { check, status: 'skipped', message: cause };
}

export function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ status }) => status === 'error');
}

/** What went wrong in looking. @throws what ends the run: AppError `CANCELLED` */
export function failed(check: string, thrown: unknown): Finding {
  if (thrown instanceof AppError && thrown.code === 'CANCELLED') throw thrown;
  if (!(thrown instanceof AppError)) {
    if (typeof (thrown as NodeJS.ErrnoException).syscall === 'string') {
      return error(check, reasonOf(thrown), 'give this user read access');
    }
    return error(check, `INTERNAL: ${reasonOf(thrown)}`, 'this is a bug: report it with what --log-level debug shows');
  }
  const [first = '', ...details] = messageLines(thrown);
  const finding = error(check, `${thrown.code}: ${first}`, thrown.next ?? 'correct that and run doctor again');
  return details.length === 0 ? finding : { ...finding, details };
}

/** As `findingsOf`, of one finding. */
export async function findingOf(check: string, look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (thrown) {
    return failed(check, thrown);
  }
}

/** The findings of one look; what it throws is one itself, so that the others go on. */
export async function findingsOf(check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    return [failed(check, thrown)];
  }
}
