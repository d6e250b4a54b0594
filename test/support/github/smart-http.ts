import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { gitEnv } from '../repository.ts';
import { may, validToken } from './caller.ts';
import type { RawAnswer } from './fault.ts';
import { reconcile } from './reconcile.ts';
import type { World } from './world.ts';

export interface GitRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** git over HTTP, by git's own server program. */
export interface SmartHttp {
  answer(request: GitRequest): Promise<RawAnswer>;
  /** Ends what is still running. */
  close(): Promise<void>;
}

/** @param root holds OWNER/REPO.git */
export function createSmartHttp(world: World, root: string): SmartHttp {
  const running = new Map<ChildProcess, Promise<RawAnswer>>();
  const backend = async (request: GitRequest, path: string, login: string): Promise<RawAnswer> => {
    const child = spawn('git', ['http-backend'], { env: environment(request, root, path, login) });
    const answer = exchange(child, request.body);
    running.set(child, answer);
    try {
      return await answer;
    } finally {
      running.delete(child);
    }
  };
  return {
    async answer(request) {
      const path = pathInside(world, request.url.pathname);
      if (path === undefined) return plain(404, 'Not Found');
      const login = loginOf(world, request);
      if (typeof login !== 'string') return login;
      const answer = await backend(request, path, login);
      if (path.endsWith('/git-receive-pack')) reconcile(world, login);
      return answer;
    },
    async close() {
      for (const child of running.keys()) child.kill('SIGKILL');
      await Promise.allSettled(running.values());
    },
  };
}

/** The path as it is on disk: GitHub takes any case, and does without `.git`. */
function pathInside({ owner, repository }: World, path: string): string | undefined {
  const match = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(path);
  if (match === null) return undefined;
  const [, itsOwner = '', itsRepository = '', rest = ''] = match;
  const asked = `${itsOwner}/${itsRepository}`.toLowerCase();
  return asked === `${owner}/${repository}`.toLowerCase() ? `/${owner}/${repository}.git${rest}` : undefined;
}

/** Who it is, or why not. */
function loginOf(world: World, { url, headers }: GitRequest): string | RawAnswer {
  const encoded = /^basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [user, password = ''] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const token = user === 'x-access-token' ? validToken(password, world.tokens, world.now()) : undefined;
  if (token === undefined) {
    const why = encoded === undefined ? 'No anonymous write access.' : 'Invalid username or token.';
    return plain(401, why, { 'WWW-Authenticate': 'Basic realm="GitHub"' });
  }
  const { kind, login, permissions } = token;
  if (!may(permissions, 'contents=read')) return plain(404, 'Repository not found.');
  const pushes = url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
  if (pushes && !may(permissions, 'contents=write')) {
    const denied = `Permission to ${world.owner}/${world.repository}.git denied to ${login}.`;
    return plain(403, kind === 'user' ? denied : 'Write access to repository not granted.');
  }
  return login;
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  return { status, headers: { ...headers, 'Content-Type': 'text/plain' }, body: Buffer.from(`${text}\n`) };
}

/** As the CGI standard has it. */
function environment({ method, url, headers, body }: GitRequest, root: string, path: string, login: string) {
  return {
    ...gitEnv,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: path,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: method,
    REMOTE_USER: login,
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
  };
}

function exchange(child: ReturnType<typeof spawn>, input: Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.resume();
    // A server that says no before it has read everything closes its end.
    child.stdin?.on('error', () => {});
    child.on('error', reject);
    child.on('close', () => resolve(parse(Buffer.concat(out))));
    child.stdin?.end(input);
  });
}

/** Headers, an empty line, the body. */
function parse(out: Buffer): RawAnswer {
  const end = out.indexOf('\r\n\r\n');
  if (end === -1) return plain(500, 'git http-backend gave no answer');
  const lines = out.subarray(0, end).toString('latin1').split('\r\n');
  const { Status = '200', ...headers } = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number.parseInt(Status, 10), headers, body: out.subarray(end + 4) };
}
