import { type ErrorDetail, invalid, Refusal } from './answer.ts';
import type { Call } from './route.ts';

/** The login that sent a request. */
export function loginOf({ caller }: Call): string {
  if (caller.kind !== 'token') throw new Error('only a token has a login');
  return caller.token.login;
}

const longestBody = 65_536;
const longestTitle = 256;

/** Refuses texts that are too long, as GitHub does. */
export function checkText(
  resource: string,
  { title, body }: { readonly title?: string | undefined; readonly body?: string | undefined },
): void {
  const check = (field: string, text: string | undefined, most: number): void => {
    if (text === undefined || text.length <= most) return;
    const detail: ErrorDetail = {
      resource,
      code: 'custom',
      field,
      message: `${field} is too long (maximum is ${most} characters)`,
    };
    throw new Refusal(invalid(detail));
  };
  check('title', title, longestTitle);
  check('body', body, longestBody);
}
