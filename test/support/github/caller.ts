import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { type Answer, refused } from './answer.ts';

export type Level = 'read' | 'write';

/** What a token may do, by GitHub's names. */
export type Permissions = Readonly<Record<string, Level>>;

/** What stands behind a token. */
export interface Token {
  /** `user`: a personal access token; `installation`: an App's, or `GITHUB_TOKEN`. */
  readonly kind: 'user' | 'installation';
  /** Who its actions are by: a login, for Apps with `[bot]`. */
  readonly login: string;
  readonly permissions: Permissions;
  /** Of a classic token, as its answers name them. */
  readonly scopes?: string;
  /** Milliseconds since the epoch; undefined: never. */
  readonly expiresAt?: number;
}

/** A GitHub App that is installed on the repository. */
export interface App {
  readonly id: number;
  readonly slug: string;
  readonly installationId: number;
  /** Checks the signature of its JWTs; a private key will do. */
  readonly publicKey: KeyObject;
  readonly permissions: Permissions;
}

export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly app: App }
  | ({ readonly kind: 'token' } & { readonly token: Token });

/** Who sends a request of the API, by its header; or the answer to a credential that is not good. */
export async function callerOf(
  header: string | undefined,
  tokens: ReadonlyMap<string, Token>,
  app: App | undefined,
  now: Date,
): Promise<Caller | { readonly kind: 'refused'; readonly answer: Answer }> {
  if (header === undefined) return { kind: 'anonymous' };
  const credential = /^(?:token|bearer) (.+)$/i.exec(header)?.[1] ?? '';
  if (credential.startsWith('eyJ')) {
    const wrong = app === undefined ? 'Integration not found' : await wrongJwt(credential, app, now);
    if (app !== undefined && wrong === undefined) return { kind: 'app', app };
    return { kind: 'refused', answer: refused(401, wrong ?? '') };
  }
  const token = validToken(credential, tokens, now);
  return token === undefined ? { kind: 'refused', answer: refused(401, 'Bad credentials') } : { kind: 'token', token };
}

export function validToken(text: string, tokens: ReadonlyMap<string, Token>, now: Date): Token | undefined {
  const token = tokens.get(text);
  return token !== undefined && (token.expiresAt ?? Infinity) > now.getTime() ? token : undefined;
}

/** @param needs one of these will do, as in `pull_requests=write` */
export function may(permissions: Permissions, ...needs: readonly string[]): boolean {
  return needs.some((need) => {
    const [name = '', level] = need.split('=');
    return permissions[name] === 'write' || permissions[name] === level;
  });
}

const longestLife = 10 * 60;

/** What GitHub finds wrong with an App's JWT. */
async function wrongJwt(jwt: string, app: App, now: Date): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(jwt, app.publicKey, { algorithms: ['RS256'], currentDate: now });
    const { exp, iat, iss } = payload;
    if (String(iss) !== String(app.id)) return "'Issuer' claim ('iss') must be an Integer";
    if (exp === undefined) return "'Expiration time' claim ('exp') must be a numeric value";
    if (iat === undefined || iat > now.getTime() / 1000) {
      return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
    }
    if (exp > now.getTime() / 1000 + longestLife) {
      return "'Expiration time' claim ('exp') is too far in the future";
    }
    return undefined;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
    }
    return 'A JSON web token could not be decoded';
  }
}
