import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ListenAddress, parseListenAddress, parsePortNumber } from '../../src/model/address.ts';

const addresses: Readonly<Record<string, ListenAddress>> = {
  '8080': { host: '', port: 8080 },
  ':8080': { host: '', port: 8080 },
  '0.0.0.0:8080': { host: '0.0.0.0', port: 8080 },
  '127.0.0.1:0': { host: '127.0.0.1', port: 0 },
  '[::1]:8080': { host: '::1', port: 8080 },
  '[::]:8080': { host: '::', port: 8080 },
  'localhost:65535': { host: 'localhost', port: 65_535 },
};
for (const [text, address] of Object.entries(addresses)) {
  test(`${text} is an address to listen on`, () => {
    assert.deepEqual(parseListenAddress(text), address);
  });
}

for (const text of [
  '',
  ':',
  'nowhere',
  'host:',
  ':65536',
  '127.0.0.1:99999',
  ':8080x',
  '::1:8080',
  '[8080]:1',
  '[::1]',
  'http://a:1',
  '-1',
  ' 8080',
  '0x50',
  ':1:2',
]) {
  test(`${JSON.stringify(text)} is none`, () => {
    assert.equal(parseListenAddress(text), undefined);
  });
}

test('a port is in decimal digits', () => {
  assert.deepEqual(['80', '0', '', ' 80', '0x50', '1e3', '65536', '-1'].map(parsePortNumber), [
    80,
    0,
    ...Array(6).fill(undefined),
  ]);
});
