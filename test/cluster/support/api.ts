import { Agent, request } from 'undici';
import { SetupError } from '../server/setup-error.ts';

/** What the API server answers is JSON of this shape, as far as anybody asked. */
export interface Api extends AsyncDisposable {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** A merge patch. */
  patch<T>(path: string, body: object): Promise<T>;
  delete(path: string): Promise<void>;
  /** As they come, until the caller stops. */
  watch<T>(path: string): AsyncIterable<T>;
}

/** An answer of the server that is none of 2xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, what: string, text: string) {
    super(`${what}: ${status} ${text}`);
    this.status = status;
  }
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string | undefined>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string | undefined>> }];
}

/**
 * Opens a client of the cluster that a kubeconfig names.
 *
 * @param kubeconfig as `kubectl config view --raw --minify --flatten --output json` prints it
 */
export function openApi(kubeconfig: string): Api {
  const { clusters, users } = JSON.parse(kubeconfig) as Kubeconfig;
  const { server = '', 'certificate-authority-data': ca } = clusters[0].cluster;
  const { token, 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  if (token === undefined && cert === undefined) {
    throw new SetupError('TEST_KUBECONFIG has to have a client certificate or a token');
  }
  const agent = new Agent({
    connections: 8,
    // A watch says nothing for as long as nothing changes.
    bodyTimeout: 0,
    connect: { ...pem('ca', ca), ...pem('cert', cert), ...pem('key', key) },
  });

  async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(`${server}${path}`, {
      method,
      dispatcher: agent,
      headers: { 'content-type': type, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (answer.statusCode >= 300) throw new ApiError(answer.statusCode, `${method} ${path}`, await answer.body.text());
    return answer.body;
  }
  const json = async <T>(...asked: Parameters<typeof ask>) => (await (await ask(...asked)).json()) as T;

  return {
    get: (path) => json('GET', path),
    post: (path, body) => json('POST', path, body),
    patch: (path, body) => json('PATCH', path, body),
    async delete(path) {
      await (await ask('DELETE', path)).dump();
    },
    async *watch<T>(path: string) {
      let text = '';
      for await (const part of (await ask('GET', path)).setEncoding('utf8')) {
        const lines = (text + part).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as T;
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function pem(name: 'ca' | 'cert' | 'key', base64: string | undefined): Partial<Record<typeof name, Buffer>> {
  return base64 === undefined ? {} : { [name]: Buffer.from(base64, 'base64') };
}
