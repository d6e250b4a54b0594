import { type ErrorCode, errorCodes } from './error-codes.ts';

export type { ErrorCode };

/** What is written down of an error: plain data for a snapshot, a report or a run result. */
export interface Problem {
  readonly code: ErrorCode;
  /** One sentence: what was being done, to what, and what went wrong. Holds text from outside; escape it to show it. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly next?: string;
}

/** The one error this program throws on purpose. Everything else that is thrown is a bug and shown as `INTERNAL`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly next: string | undefined;

  /**
   * @param code stable code, also what decides the exit code
   * @param message what was being done, to what, and what went wrong; never a secret
   * @param options `next`: what to do about it; `cause`: the error underneath, shown at `--log-level debug`
   */
  constructor(code: ErrorCode, message: string, options: { readonly next?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.next = options.next;
  }
}

/** Turns anything thrown into plain data. */
export function toProblem(error: unknown): Problem {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, ...(error.next === undefined ? {} : { next: error.next }) };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** The first line of any thrown thing, for messages. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** Why a file that a message has named already cannot be read or written. */
export function reasonOfFile(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const words = Object.hasOwn(fileTroubles, code) ? fileTroubles[code] : undefined;
  return words === undefined ? reasonOf(error) : `${words} (${code})`;
}

const fileTroubles: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

/** What the process ends with. */
export const exitCode = { done: 0, failure: 1, usage: 2, partial: 3, held: 4, differences: 5 } as const;

/** Exit code of a run that ended with this error: 2 for what the caller must correct, 1 for the rest. */
export function exitCodeOf(code: ErrorCode): number {
  return errorCodes[code].exit === exitCode.usage ? exitCode.usage : exitCode.failure;
}

/** The lines of a message: one for each issue of a config, or git's own. A line break in any other is part of a name. */
export function messageLines({ code, message }: AppError): readonly string[] {
  return /^(CONFIG|GIT)_/.test(code) ? message.split('\n') : [message];
}
