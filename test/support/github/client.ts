import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Git, openGit } from '../../../src/git/git.ts';
import { gitEnv } from '../repository.ts';
import { everyToken } from './options.ts';
import type { GitHubStandIn } from './stand-in.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds; the stand-in checks them against GitHub's schemas
  readonly body: any;
}

/** Sends one request to the REST API; `path` is below the repository unless it begins with a slash. */
export async function call(
  github: GitHubStandIn,
  method: string,
  path: string,
  body?: object,
  token: string | null = everyToken,
): Promise<Answered> {
  const url = path.startsWith('/') ? `${github.apiUrl}${path}` : `${github.apiUrl}/repos/acme/gitops/${path}`;
  const response = await fetch(url, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** Proposes a branch; gives the number. */
export async function propose(github: GitHubStandIn, head: string, more: object = {}): Promise<number> {
  const { status, body } = await call(github, 'POST', 'pulls', {
    title: `Propose ${head}`,
    head,
    base: 'main',
    ...more,
  });
  if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body.number;
}

/** The message of the one entry in `errors`, or the field that it is about. */
export function complaint({ body }: Answered): string {
  const [first] = body.errors ?? [];
  return first === undefined ? body.message : (first.message ?? `${first.field}: ${first.code}`);
}

export interface Clone extends Git {
  [Symbol.asyncDispose](): Promise<void>;
}

/** Clones it over HTTP, with a token as CI hands it to git. */
export async function cloneOf(github: GitHubStandIn, token = everyToken): Promise<Clone> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-clone-'));
  const git = openGit(dir, { ...gitEnv, ...credential(github, token) });
  const bot = ['--config=user.name=athenz-gitops', '--config=user.email=athenz-gitops@users.noreply.github.com'];
  await git.run('cloning', 'clone', '--quiet', ...bot, github.remoteUrl, '.');
  return { ...git, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** What makes git send a token. */
export function credential(github: GitHubStandIn, token: string, user = 'x-access-token'): NodeJS.ProcessEnv {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(github.remoteUrl).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
  };
}
