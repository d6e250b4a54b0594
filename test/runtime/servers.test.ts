import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { request } from 'undici';
import { listNamespaces } from '../../src/cluster/read.ts';
import { openClusterSession } from '../../src/cluster/session.ts';
import { withCa } from '../../src/git/credential.ts';
import { openGit } from '../../src/git/git.ts';
import type { AppError, ErrorCode } from '../../src/model/error.ts';
import { openClient as openGitHub } from '../../src/propose/github/client.ts';
import { gitHubForge } from '../../src/propose/github/forge.ts';
import { openDispatcher } from '../../src/runtime/dispatcher.ts';
import { proxyFor } from '../../src/runtime/proxy.ts';
import { type ConnectProxy, startProxy } from '../support/connect-proxy.ts';
import { type Folder, makeFolder } from '../support/folder.ts';
import { type HttpsServer, serveHttps } from '../support/https.ts';
import { kubeSettings, writeConfig } from '../support/kube/fixture.ts';
import { gitEnv, writeFiles } from '../support/repository.ts';
import { runMain } from '../support/run.ts';
import { fakeClock } from '../support/zms.ts';
import { onlyOnce, openClient } from '../support/zms-client.ts';

// The servers that a run speaks to are all reached by the same rules: one server here stands in for each of them.

const names = ['zms', 'github', 'cluster'].map((name) => `${name}.example.com`);

/** Good answers to each of them. */
function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const body = url.startsWith('/zms/')
    ? { domains: [{ domain: { name: 'acme', modified: '2026-01-01T00:00:00.000Z' } }] }
    : url.startsWith('/api/v3/')
      ? []
      : { kind: 'NamespaceList', metadata: {}, items: [] };
  response.writeHead(url.includes('.git/') ? 404 : 200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

interface Reaching {
  readonly server: HttpsServer;
  readonly folder: Folder;
  readonly env: NodeJS.ProcessEnv;
  /** `https://host:port`. */
  readonly origin: string;
  /** Whether the server's CA is in the config. */
  readonly trusted: boolean;
}

interface Reached {
  readonly code: ErrorCode;
  readonly next: RegExp;
  /** @throws what keeps it from being reached */
  readonly reach: (to: Reaching) => Promise<unknown>;
}

const servers: Readonly<Record<string, Reached>> = {
  zms: {
    code: 'ZMS_TLS',
    next: /athenz\.caPath/,
    async reach({ server, env, origin, trusted }) {
      const config = trusted ? {} : { caPath: null };
      const options = { env, config, retry: onlyOnce };
      await using client = await openClient({ url: `${origin}/zms/v1`, authority: server.authority }, options);
      return await client.zms.listDomains();
    },
  },
  github: {
    code: 'FORGE_UNREACHABLE',
    next: /forge\.caPath/,
    async reach({ folder, env, origin, trusted }) {
      const caPath = trusted ? join(folder.dir, 'ca.crt') : null;
      const forge = { apiUrl: `${origin}/api/v3`, caPath, repository: 'acme/gitops' };
      const client = await openGitHub({ forge, env: { ...env, GITHUB_TOKEN: 'token' }, warn: () => {} });
      client.octokit.hook.before('request', ({ request }) => {
        // A second try would only take time.
        Object.assign(request, { retries: 0 });
      });
      return gitHubForge(client).openPulls('athenz-gitops/main/', 'main');
    },
  },
  cluster: {
    code: 'CLUSTER_TLS',
    next: /certificate-authority/,
    async reach({ folder, env, origin, trusted }) {
      const ca = trusted ? { 'certificate-authority': join(folder.dir, 'ca.crt') } : {};
      const kubeconfig = await writeConfig(folder.dir, {
        'current-context': 'prod',
        clusters: [{ name: 'c', cluster: { server: origin, ...ca } }],
        users: [{ name: 'u', user: { token: 'token' } }],
        contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
      });
      const kube = kubeSettings({ kubeconfig });
      const session = openClusterSession({
        cluster: 'prod',
        kube,
        root: null,
        env,
        clock: fakeClock(),
        retry: onlyOnce,
      });
      return listNamespaces(session, null).finally(() => session.close());
    },
  },
};

interface Setup extends AsyncDisposable {
  readonly server: HttpsServer;
  readonly proxy: ConnectProxy;
  readonly folder: Folder;
}

async function setUp(): Promise<Setup> {
  await using made = new AsyncDisposableStack();
  const server = made.use(await serveHttps(answer, { certificate: { names: ['localhost', ...names] } }));
  const proxy = made.use(await startProxy(Number(new URL(server.url).port)));
  const folder = made.use(await makeFolder());
  await writeFiles(folder.dir, { 'ca.crt': server.authority.caPem });
  const all = made.move();
  return { server, proxy, folder, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const [name, { code, next, reach }] of Object.entries(servers)) {
  test(`${name} is verified in spite of NODE_TLS_REJECT_UNAUTHORIZED=0, through a proxy too`, async () => {
    await using it = await setUp();
    const refused = (error: AppError) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.next ?? '', next);
      return true;
    };
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const direct = { ...it, env: {}, origin: new URL(it.server.url).origin };
      await assert.rejects(reach({ ...direct, trusted: false }), refused);
      const proxied = { ...it, env: { HTTPS_PROXY: it.proxy.url }, origin: `https://${name}.example.com` };
      await assert.rejects(reach({ ...proxied, trusted: false }), refused);
      // A proxy over https is asked for nothing, whatever is known of the server behind it.
      const pair = await it.server.authority.issue({ principal: 'proxy', addresses: ['127.0.0.1'] });
      await using secure = await startProxy(Number(new URL(it.server.url).port), pair);
      await assert.rejects(reach({ ...proxied, env: { HTTPS_PROXY: secure.url }, trusted: true }), refused);
      assert.deepEqual([secure.targets, it.server.paths], [[], []]);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test(`${name} is reached through HTTPS_PROXY, with its CA from the config`, async () => {
    await using it = await setUp();
    const env = { HTTPS_PROXY: it.proxy.url, NO_PROXY: 'other.example.com' };
    await reach({ ...it, env, origin: `https://${name}.example.com:8443`, trusted: true });
    assert.deepEqual(it.proxy.targets, [`${name}.example.com:8443`]);
    assert.equal(it.server.paths.length, 1);
  });

  test(`${name} on loopback is reached without a proxy`, async () => {
    await using it = await setUp();
    const env = { HTTPS_PROXY: it.proxy.url };
    await reach({ ...it, env, origin: new URL(it.server.url).origin, trusted: true });
    assert.deepEqual([it.proxy.targets, it.server.paths.length], [[], 1]);
  });

  test(`${name} is not asked when HTTPS_PROXY is no URL of a proxy`, async () => {
    await using it = await setUp();
    const env = { HTTPS_PROXY: 'ftp://s3cret@proxy' };
    await assert.rejects(
      reach({ ...it, env, origin: `https://${name}.example.com`, trusted: true }),
      (error: AppError) => {
        assert.match(error.message, /HTTPS_PROXY is not a proxy URL/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
  });
}

test('git goes the same way: through HTTPS_PROXY, with forge.caPath', async () => {
  await using it = await setUp();
  const env = { ...gitEnv, HTTPS_PROXY: it.proxy.url };
  const ask = (caPath: string | null) =>
    openGit(it.folder.dir, withCa(env, caPath)).feed(['ls-remote', 'https://github.example.com/acme/gitops.git']);
  assert.match((await ask(null)).stderr, /certificate/);
  assert.deepEqual(it.server.paths, []);
  assert.match((await ask(join(it.folder.dir, 'ca.crt'))).stderr, /not found/);
  assert.deepEqual(new Set(it.proxy.targets), new Set(['github.example.com:443']));
});

test('a variable that would switch verification off is named as ignored, also with --quiet', async () => {
  const env = { ...gitEnv, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  for (const flags of [[], ['--quiet']]) {
    const { err } = await runMain(['plan', ...flags, '--config', 'nowhere.yaml'], { env });
    assert.match(err, /^warn: NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: .*NODE_EXTRA_CA_CERTS\n/);
  }
});

test('an answer that is larger than any real one is not read to its end', async () => {
  await using server = await serveHttps((_, response) => response.end('x'.repeat(1001)));
  const tls = { ca: server.authority.caPem };
  const read = async (largest: number) => {
    const dispatcher = openDispatcher({ proxy: proxyFor(server.url, {}), tls, silence: 5000, largest });
    try {
      return (await (await request(server.url, { dispatcher })).body.text()).length;
    } finally {
      await dispatcher.close();
    }
  };
  await assert.rejects(read(1000), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' });
  assert.equal(await read(1001), 1001);
});
