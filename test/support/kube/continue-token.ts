import { badRequest, Refusal } from './status.ts';

/** Where a list goes on; opaque to clients. */
export interface ContinueToken {
  /** The revision that the list began with; -1: whatever there is now. */
  readonly revision: number;
  /** The key that comes next, below the list's own prefix. */
  readonly start: string;
}

const version = 'meta.k8s.io/v1';

export function writeToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url');
}

export function readToken(text: string): ContinueToken {
  const wrong = (what: string) => badRequest(`invalid continue token: continue key is not valid: ${what}`);
  const bad = text.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0 || text.length % 4 === 1)
    throw wrong(`illegal base64 data at input byte ${bad >= 0 ? bad : text.length - 1}`);
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  if (!decoded.startsWith('{')) throw wrong(`invalid character '${decoded[0]}' looking for beginning of value`);
  const { v, rv, start } = JSON.parse(decoded) as { v?: string; rv?: number; start?: string };
  if (v !== version) throw wrong(`server does not recognize this encoded version ${v}`);
  if (!start) throw wrong(`encoded start key empty (version ${version})`);
  return { revision: rv ?? 0, start };
}

/** The list began too long ago; the rest can be had as it is now. */
export function expired({ start }: ContinueToken): Refusal {
  return new Refusal({
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    continue: writeToken({ revision: -1, start }),
  });
}
