import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from '../../src/model/error.ts';
import { proxyFor } from '../../src/runtime/proxy.ts';

const server = 'https://zms.example.com:4443/zms/v1';

/** Environment, the proxy of `server`, and why. */
const chosen: readonly (readonly [name: string, env: NodeJS.ProcessEnv, proxy: string | undefined])[] = [
  ['no variable', {}, undefined],
  ['HTTPS_PROXY', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['https_proxy before HTTPS_PROXY', { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:1' }, 'http://b:1/'],
  ['ALL_PROXY', { ALL_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['HTTPS_PROXY before all_proxy', { all_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'http://b:1/'],
  ['an empty HTTPS_PROXY is none', { HTTPS_PROXY: '' }, undefined],
  ['HTTP_PROXY is for plain http alone', { HTTP_PROXY: 'http://p:3128', http_proxy: 'http://p:3128' }, undefined],
  ['a host and a port, as curl takes it', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128/'],
  ['a proxy over https', { HTTPS_PROXY: 'https://p:3129' }, 'https://p:3129/'],
  ['a SOCKS proxy', { ALL_PROXY: 'socks5h://p:1080' }, 'socks5://p:1080'],
  ['a user and a password', { HTTPS_PROXY: 'http://me:s3cret@p:3128' }, 'http://me:s3cret@p:3128/'],
];
for (const [name, env, proxy] of chosen) {
  test(`proxy of an https server: ${name}`, () => assert.equal(proxyFor(server, env).proxy, proxy));
}

test('HTTP_PROXY is the proxy of a server over plain http', () => {
  const env = { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:1' };
  assert.equal(proxyFor('http://ghe.example.com/api/v3', env).proxy, 'http://a:1/');
});

test('NO_PROXY counts', () => {
  assert.equal(proxyFor(server, {}).noProxy, '');
  assert.equal(proxyFor(server, { NO_PROXY: 'a.example.com,.b' }).noProxy, 'a.example.com,.b');
  assert.equal(proxyFor(server, { NO_PROXY: 'a', no_proxy: 'b' }).noProxy, 'b');
});

test('the whole of loopback is reached directly, over http and https', () => {
  const env = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1', ALL_PROXY: 'http://p:1' };
  for (const host of ['localhost', '127.0.0.1', '127.0.0.2', '127.255.0.9:8443', '127.1', '[::1]:80']) {
    for (const scheme of ['http', 'https']) assert.equal(proxyFor(`${scheme}://${host}/`, env).proxy, undefined, host);
  }
  for (const host of ['127.evil.example.com', 'localhost.example.com', '128.0.0.1', '[::2]']) {
    assert.equal(proxyFor(`http://${host}/`, env).proxy, 'http://p:1/', host);
  }
});

test('a proxy that is set for one server wins over the environment and NO_PROXY', () => {
  const env = { HTTPS_PROXY: 'http://a:1', NO_PROXY: '*' };
  assert.deepEqual(proxyFor(server, env, 'http://b:1'), { proxy: 'http://b:1/', noProxy: '' });
});

for (const value of ['http://', 'http://me:s3cret@', 'ftp://me:s3cret@p:21', 'http://s3cret p', 'socks4://s3cret:1']) {
  test(`${value} is no proxy: the error names the variable, not the value`, () => {
    assert.throws(
      () => proxyFor(server, { HTTPS_PROXY: value }),
      (error: AppError) => {
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.match(error.message, /HTTPS_PROXY/);
        assert.doesNotMatch(`${error.message}${error.next}`, /s3cret/);
        return true;
      },
    );
  });
}
