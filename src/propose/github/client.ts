import { createPrivateKey } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { type Dispatcher, fetch as fetchWith } from 'undici';
import { z } from 'zod';
import type { ForgeConfig } from '../../config/types.ts';
import { isLoopback } from '../../model/address.ts';
import { AppError } from '../../model/error.ts';
import { cancelled, checkStop } from '../../model/halt.ts';
import { decryptIt, isEncrypted } from '../../model/key.ts';
import { readCaFile } from '../../runtime/ca.ts';
import { openDispatcher } from '../../runtime/dispatcher.ts';
import { proxyFor } from '../../runtime/proxy.ts';
import { apiUrlOf } from './address.ts';
import { read, request } from './errors.ts';
import { answers, understand } from './wire.ts';

/** Who speaks to GitHub, and how. */
export interface GitHubClient {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  /** What the installation of an App may do, by GitHub's names; undefined for a token, which does not say. */
  readonly granted?: Readonly<Record<string, string>>;
  /** For git over HTTPS; never shown. */
  token(): Promise<string>;
}

export interface ClientOptions {
  readonly forge: Pick<ForgeConfig, 'apiUrl' | 'caPath' | 'repository'>;
  readonly env: NodeJS.ProcessEnv;
  /** Told about waits that limits ask for. */
  readonly warn: (message: string) => void;
  /** Milliseconds that GitHub may be silent during a request; one that takes longer is tried again. */
  readonly silence?: number;
  /** Once aborted, nothing more is asked; a write goes on to its end. */
  readonly stop?: AbortSignal;
}

/** Waits longer than this are left to the next run; seconds. */
const patience = 300;

/**
 * Opens a client for `forge.repository`: as the App of `GITHUB_APP_ID` and `GITHUB_APP_PRIVATE_KEY` (PEM text), else with
 * `GITHUB_TOKEN`. The API is at `forge.apiUrl`, else `GITHUB_API_URL`, else api.github.com.
 *
 * @throws AppError `FORGE_TOKEN_MISSING`, `FORGE_KEY_INVALID`; `FORGE_…` when the App is not installed there; `CONFIG_INVALID` when
 *   the CA cannot be read, a proxy variable holds no URL, or `GITHUB_API_URL` is not protected
 */
export async function openClient({ forge, env, warn, silence = 60_000, stop }: ClientOptions): Promise<GitHubClient> {
  const [owner = '', repo = ''] = (forge.repository ?? '').split('/');
  const baseUrl = apiUrlOf(forge, env);
  const ca = forge.caPath === null ? {} : { ca: await readCaFile(forge.caPath, 'forge.caPath') };
  const dispatcher = openDispatcher({ proxy: proxyFor(baseUrl, env), tls: ca, silence });
  const Client = Octokit.plugin(retry, throttling, refuseRedirects(`${owner}/${repo}`)).defaults(
    settings(baseUrl, sender(dispatcher, silence, stop), warn),
  );
  const { GITHUB_APP_ID: appId = '', GITHUB_APP_PRIVATE_KEY: privateKey = '', GITHUB_TOKEN: token = '' } = env;
  if (appId !== '' && privateKey !== '') {
    if (isEncrypted(privateKey)) {
      throw new AppError('CONFIG_INVALID', 'GITHUB_APP_PRIVATE_KEY is encrypted', { next: decryptIt });
    }
    checkPrivateKey(privateKey);
    const actAs = (installation: { readonly installationId?: number }) =>
      new Client({ authStrategy: createAppAuth, auth: { appId, privateKey, ...installation } });
    const app = actAs({});
    const finding = `finding the GitHub App's installation in ${owner}/${repo}`;
    const { data } = await read(finding, answers.installation, () =>
      app.request('GET /repos/{owner}/{repo}/installation', { owner, repo }),
    );
    const octokit = actAs({ installationId: data.id });
    const minting = 'getting a token for the GitHub App';
    const token = async () => {
      const minted = await request(minting, () => octokit.auth({ type: 'installation' }));
      return understand(minted, answers.token, minting).token;
    };
    return { octokit, owner, repo, granted: data.permissions, token };
  }
  if (token === '') {
    throw new AppError('FORGE_TOKEN_MISSING', 'proposing on GitHub: there is no token', {
      next: 'set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY',
    });
  }
  return { octokit: new Client({ auth: token }), owner, repo, token: async () => token };
}

/**
 * Ends at the first answer that says to look elsewhere. A renamed or transferred repository gives one to every request
 * (docs.github.com, "Redirects"); followed, its pull requests would be of another repository than the config names, and so
 * count as foreign. Only the number in the answer is used, asked for once at the same server: the token goes nowhere else.
 */
function refuseRedirects(whole: string) {
  return ({ hook, request: ask }: Pick<Octokit, 'hook' | 'request'>): void => {
    hook.after('request', async ({ status, headers }, { url }) => {
      if (![301, 302, 307, 308].includes(Number(status))) return;
      const id = /\/repositories\/(\d{1,18})(\/|\?|$)/.exec(headers.location ?? '')?.[1];
      // This hook sees that request too: where it is redirected itself, nobody knows the name.
      const known = id !== undefined && url !== byId;
      const found = known ? await ask(`GET ${byId}`, { id }).catch(() => undefined) : undefined;
      const name = z.object({ full_name: repositoryName }).safeParse(found?.data).data?.full_name;
      if (name === undefined) {
        throw new AppError('FORGE_MOVED', `GitHub redirects ${whole} to another address (${status})`, {
          next: 'set forge.repository, or forge.apiUrl, to where it is now',
        });
      }
      throw new AppError('FORGE_MOVED', `${whole} was renamed or transferred: it is ${name} now`, {
        next: `set forge.repository to ${name}, and the URL of the git remote with it`,
      });
    });
  };
}

const byId = '/repositories/{id}';
const repositoryName = z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/);

/** @throws AppError `FORGE_KEY_INVALID`, without a word of the key */
function checkPrivateKey(text: string): void {
  try {
    // As the library reads it: a variable of CI may hold line breaks as "\\n".
    createPrivateKey(text.replaceAll('\\n', '\n'));
  } catch {
    throw new AppError('FORGE_KEY_INVALID', 'reading GITHUB_APP_PRIVATE_KEY: it contains no valid private key', {
      next: 'provide the PEM text from GitHub, including its BEGIN and END lines',
    });
  }
}

type Send = (url: string, init: { readonly method?: string }) => Promise<unknown>;

function sender(dispatcher: Dispatcher, silence: number, stop: AbortSignal | undefined): Send {
  return async (url, init) => {
    // A server that sends a byte now and then is never silent, and never done.
    const timeout = AbortSignal.timeout(5 * silence);
    const signal = stop !== undefined && init.method === 'GET' ? AbortSignal.any([timeout, stop]) : timeout;
    try {
      checkStop(stop, 'asking GitHub');
      return await fetchWith(url, { ...init, dispatcher, redirect: 'manual', signal });
    } catch (error) {
      // Under this name the library does not try again.
      throw stop?.aborted === true ? Object.assign(cancelled('asking GitHub', error), { name: 'AbortError' }) : error;
    }
  };
}

function settings(baseUrl: string, fetch: Send, warn: (message: string) => void) {
  const own = isLoopback(new URL(baseUrl).hostname);
  /** Milliseconds that a second of waiting takes: nobody has to be gentle with a server of one's own. */
  const second = own ? 10 : 1000;
  // Declared as groups of the library that keeps the queues; only `key` and `schedule` of one are used.
  const queues: object = own ? { write: unlimited, notifications: unlimited } : {};
  const onLimit = (seconds: number, { method, url }: { method: string; url: string }, _: unknown, tries: number) => {
    const again = tries < 3 && seconds <= patience;
    warn(
      `GitHub limits ${method} ${url}: ${again ? `waiting ${seconds} s` : `giving up, as it asks for ${seconds} s`}`,
    );
    return again;
  };
  return {
    baseUrl,
    userAgent: 'athenz-gitops',
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch },
    retry: { retryAfterBaseValue: second },
    throttle: {
      retryAfterBaseValue: second,
      onRateLimit: onLimit,
      onSecondaryRateLimit: onLimit,
      ...queues,
    },
  };
}

/** In place of the queues that keep a second between writes. */
const unlimited = { key: () => ({ schedule: (_: unknown, run: () => unknown) => run() }) };
