import { AppError, type ErrorCode } from '../model/error.ts';
import type { RetryHint } from '../model/retry.ts';
import type { HttpAnswer } from './transport.ts';
import { parseError } from './wire.ts';

/** The body of a 200. @throws AppError by status, with ZMS' own words where there are any */
export function succeeded(answer: HttpAnswer, doing: string): string {
  if (answer.status === 200) return answer.body;
  const words = parseError(answer.body)?.message;
  const [code, next] = meaningOf(answer.status);
  const said = words === undefined ? '' : `: ${words.split('\n', 1)[0]}`;
  const error = new AppError(code, `${doing}: ${answer.status}${said}`, { next });
  const seconds = Number(answer.retryAfter);
  throw Number.isFinite(seconds) ? Object.assign(error, { retryAfter: seconds * 1000 } satisfies RetryHint) : error;
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  if (status === 401)
    return ['ZMS_UNAUTHENTICATED', 'check the client certificate: ZMS does not know its issuer or name'];
  if (status === 403) return ['ZMS_FORBIDDEN', 'ask the ZMS administrators for read access for this identity'];
  if (status === 404) return ['ZMS_NOT_FOUND', 'check that athenz.zmsUrl ends in /zms/v1'];
  if (status === 429) return ['ZMS_QUOTA', 'lower athenz.requestsPerSecond'];
  if (status >= 500) return ['ZMS_UNAVAILABLE', 'try again; if it persists, ask the ZMS administrators'];
  return ['ZMS_BAD_RESPONSE', 'check athenz.zmsUrl'];
}

/** Whether ZMS itself says that there is no such thing: any other 404 may come from something in between. */
export function isOwn404({ status, body }: HttpAnswer): boolean {
  return status === 404 && parseError(body)?.code === 404;
}
