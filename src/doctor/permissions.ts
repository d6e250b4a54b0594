import { unreachable } from '../model/outcome.ts';
import type { GitHubClient } from '../propose/github/client.ts';
import { error, type Finding, ok } from './finding.ts';

/** What a token is, as far as its beginning tells (GitHub has documented them). */
export type TokenKind = 'app' | 'installation' | 'fine-grained' | 'classic' | 'other';

/** By the environment that the client is opened with. */
export function kindOfToken(env: NodeJS.ProcessEnv): TokenKind {
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key, GITHUB_TOKEN: token = '' } = env;
  if (id && key) return 'app';
  if (token.startsWith('ghs_')) return 'installation';
  if (token.startsWith('github_pat_')) return 'fine-grained';
  return token.startsWith('ghp_') ? 'classic' : 'other';
}

/** What GitHub says of a repository, with the headers it comes with. */
interface RepositoryAnswer {
  readonly data: {
    readonly private: boolean;
    readonly permissions?: { readonly push?: boolean | undefined } | undefined;
  };
  readonly headers: { readonly [name: string]: string | number | undefined };
}

/** What can be known of a token's permissions without writing; for contents, a dry push says more. */
export function checkPermissions(
  kind: TokenKind,
  { granted }: Pick<GitHubClient, 'granted'>,
  { data, headers }: RepositoryAnswer,
): readonly Finding[] {
  switch (kind) {
    case 'app':
      return [ok('token', 'a GitHub App'), checkGranted(granted ?? {})];
    case 'installation': {
      const message = 'an installation token; if it is the workflow token, its pull requests start no checks';
      return [ok('token', message)];
    }
    case 'fine-grained':
      return [ok('token', 'a fine-grained personal token: its owner is the author of proposals'), checkPush(data)];
    case 'classic':
      return [
        ok('token', 'a classic personal token: its owner is the author of proposals'),
        checkScopes(data, headers),
      ];
    case 'other':
      return [ok('token', 'unknown token type'), checkPush(data)];
    default:
      return unreachable(kind);
  }
}

function checkGranted(granted: Readonly<Record<string, string>>): Finding {
  const missing = ['contents', 'pull_requests'].filter((name) => granted[name] !== 'write');
  if (missing.length === 0) return ok('permissions', 'contents: write, pull_requests: write');
  const words = missing.map((name) => `${name}: ${granted[name] ?? 'none'}`).join(', ');
  const fix = `give the App ${missing.map((name) => `${name}: write`).join(' and ')}, and accept it in its installation`;
  return error('permissions', `the App has ${words}`, fix);
}

function checkPush({ permissions }: RepositoryAnswer['data']): Finding {
  if (permissions?.push === false) {
    const fix = 'give the account write access to the repository, or the token contents: write';
    return error('permissions', 'the account has no write access to the repository', fix);
  }
  const message =
    'the account has write access; whether the token has pull-requests: write is unknown until the first proposal';
  return ok('permissions', message);
}

function checkScopes(data: RepositoryAnswer['data'], headers: RepositoryAnswer['headers']): Finding {
  const account = checkPush(data);
  const said = headers['x-oauth-scopes'];
  if (account.status === 'error' || said === undefined) return account;
  const scopes = String(said).split(/, */);
  if (scopes.includes('repo') || (!data.private && scopes.includes('public_repo'))) {
    return ok('permissions', `scopes ${said}`);
  }
  return error('permissions', `scopes ${said || 'none'}: repo is missing`, 'give the token the repo scope');
}
