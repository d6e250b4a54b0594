/** Every code a user or a script can see. A code is stable; its message may be reworded. */
export type ErrorCode =
  | 'USAGE'
  | 'NODE_VERSION'
  | 'CANCELLED'
  | 'DEADLINE'
  | 'PULL_REQUEST_REF'
  | 'CONFIG_NOT_FOUND'
  | 'CONFIG_SYNTAX'
  | 'CONFIG_UNKNOWN_KEY'
  | 'CONFIG_INVALID'
  | 'TEMPLATE_NOT_FOUND'
  | 'TEMPLATE_SYNTAX'
  | 'TEMPLATE_FIELD'
  | 'ATHENZ_CERT_MISSING'
  | 'ATHENZ_CERT_INVALID'
  | 'ATHENZ_CERT_EXPIRED'
  | 'ZMS_TLS'
  | 'ZMS_UNREACHABLE'
  | 'ZMS_TIMEOUT'
  | 'ZMS_UNAUTHENTICATED'
  | 'ZMS_FORBIDDEN'
  | 'ZMS_NOT_FOUND'
  | 'ZMS_QUOTA'
  | 'ZMS_UNAVAILABLE'
  | 'ZMS_BAD_RESPONSE'
  | 'ZMS_SIGNATURE'
  | 'ZMS_STALE'
  | 'ZMS_ABSENCE_UNCONFIRMED'
  | 'ZMS_NOTHING_READ'
  | 'ZMS_OWNED'
  | 'ZMS_REFUSED'
  | 'PROVISION_PARENT_MISSING'
  | 'PROVISION_NO_ADMIN'
  | 'PROVISION_NOT_ADMIN'
  | 'PROVISION_BAD_VALUE'
  | 'PROVISION_TRUST_MISSING'
  | 'PROVISION_QUOTA'
  | 'SNAPSHOT_INVALID'
  | 'INVENTORY_NO_MATCH'
  | 'INVENTORY_UNREADABLE'
  | 'INVENTORY_BAD_NAME'
  | 'OUTPUT_COLLISION'
  | 'OUTPUT_LINK'
  | 'OUTPUT_FOREIGN'
  | 'OUTPUT_PATH'
  | 'OUTPUT_UNPARSABLE'
  | 'OUTPUT_WRITE'
  | 'COPY_SYNC_INVALID'
  | 'COPY_KIND_UNKNOWN'
  | 'COPY_KIND_REFUSED'
  | 'COPY_NOT_ALLOWED'
  | 'COPY_NAMESPACE_UNKNOWN'
  | 'COPY_SOURCE_MISSING'
  | 'COPY_SOURCE_AMBIGUOUS'
  | 'COPY_SOURCE_INVALID'
  | 'COPY_SOURCE_UNREADABLE'
  | 'COPY_SECRET_PLAINTEXT'
  | 'COPY_SECRET_BOUND'
  | 'COPY_SECRET_STORE'
  | 'COPY_CONFLICT'
  | 'COPY_DUPLICATE_DESTINATION'
  | 'COPY_CYCLE'
  | 'LIMIT_SUBJECTS'
  | 'LIMIT_REMOVED'
  | 'LIMIT_REMOVED_GRANTS'
  | 'LIMIT_ADDED'
  | 'LIMIT_ADDED_GRANTS'
  | 'LIMIT_NEVER_EMPTY'
  | 'GIT_NOT_A_REPOSITORY'
  | 'GIT_TOO_OLD'
  | 'GIT_NO_COMMITS'
  | 'GIT_BASE_NOT_FOUND'
  | 'GIT_FAILED'
  | 'GIT_UNAUTHENTICATED'
  | 'GIT_LEASE'
  | 'FORGE_TOKEN_MISSING'
  | 'FORGE_KEY_INVALID'
  | 'FORGE_UNREACHABLE'
  | 'FORGE_UNAUTHENTICATED'
  | 'FORGE_FORBIDDEN'
  | 'FORGE_NOT_FOUND'
  | 'FORGE_MOVED'
  | 'FORGE_LIMIT'
  | 'FORGE_REFUSED'
  | 'FORGE_UNAVAILABLE'
  | 'FORGE_BAD_RESPONSE'
  | 'CLUSTER_CONFIG'
  | 'CLUSTER_CHANGED'
  | 'CLUSTER_TLS'
  | 'CLUSTER_UNREACHABLE'
  | 'CLUSTER_TIMEOUT'
  | 'CLUSTER_UNAUTHENTICATED'
  | 'CLUSTER_FORBIDDEN'
  | 'CLUSTER_REFUSED'
  | 'CLUSTER_EXPIRED'
  | 'CLUSTER_UNAVAILABLE'
  | 'CLUSTER_BAD_RESPONSE'
  | 'CLUSTER_NOTHING_READ'
  | 'IMPORT_NOTHING_FOUND'
  | 'INTERNAL';

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

/** What the process ends with; `precedence` in `exitCodeOf` says which one wins. */
export const exitCode = { done: 0, failure: 1, usage: 2, partial: 3, held: 4, differences: 5 } as const;

/** Exit code of a run that ended with this error: 2 for what the caller must correct, 1 for the rest. */
export function exitCodeOf(code: ErrorCode): number {
  const callers = [
    'USAGE',
    'NODE_VERSION',
    'PULL_REQUEST_REF',
    'ATHENZ_CERT_MISSING',
    'ATHENZ_CERT_INVALID',
    'FORGE_TOKEN_MISSING',
    'FORGE_KEY_INVALID',
    'CLUSTER_CONFIG',
    'SNAPSHOT_INVALID',
  ];
  const usage = callers.includes(code) || code.startsWith('CONFIG_') || code.startsWith('TEMPLATE_');
  return usage ? exitCode.usage : exitCode.failure;
}

/** The lines of a message: one for each issue of a config, or git's own. A line break in any other is part of a name. */
export function messageLines({ code, message }: AppError): readonly string[] {
  return /^(CONFIG|GIT)_/.test(code) ? message.split('\n') : [message];
}
