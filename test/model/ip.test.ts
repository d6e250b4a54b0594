import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareIps, ipText, isInCidr, parseCidr, parseIp, specialKind } from '../../src/model/ip.ts';
import { trials } from '../support/properties.ts';

const text = fc.oneof(fc.ipV4(), fc.ipV6());

test('an address is read as node reads it, and written so that it is the same', () => {
  fc.assert(
    fc.property(text, (it) => {
      // Kubernetes refuses an IPv6 address with an IPv4 one in it.
      if (it.includes(':') && it.includes('.')) return;
      const ip = parseIp(it);
      assert.ok(ip !== undefined && isIP(it) !== 0, it);
      const written = ipText(ip);
      assert.deepEqual(parseIp(written), ip);
      const expected = it.includes(':') ? new URL(`http://[${it}]/`).hostname.slice(1, -1) : it;
      assert.equal(written, expected);
    }),
    { numRuns: trials(500) },
  );
});

for (const it of ['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', '1.2.3.4 ', '::1%eth0', ':::', '1::2::3', 'g::']) {
  test(`no address: "${it}"`, () => assert.equal(parseIp(it), undefined));
}
for (const it of [
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::ffff:1.2.3.4',
  '12345::',
  '1.2.3.4/8',
]) {
  test(`no address: "${it}"`, () => assert.equal(parseIp(it), undefined));
}
for (const it of ['10.0.0.0', '10.0.0.1/16', '10.0.0.0/33', 'fd00::/129', '/8', 'x/8']) {
  test(`no network: "${it}"`, () => assert.equal(parseCidr(it), undefined));
}

test('a network has the addresses that node says', () => {
  const networks = ['10.0.0.0/8', '10.96.0.0/12', '192.0.2.7/32', '0.0.0.0/0', 'fd00::/8', '2001:db8::/33', '::/0'];
  fc.assert(
    fc.property(text, fc.constantFrom(...networks), (it, network) => {
      const [ip, cidr] = [parseIp(it), parseCidr(network)];
      if (ip === undefined || cidr === undefined) return;
      const list = new BlockList();
      const [address = '', bits] = network.split('/');
      list.addSubnet(address, Number(bits), cidr.family);
      // node takes an IPv4 network to hold the IPv4 addresses in IPv6.
      if (it.includes(':') && cidr.family === 'ipv4') assert.equal(isInCidr(ip, cidr), false);
      else assert.equal(isInCidr(ip, cidr), ip.family === cidr.family && list.check(it, ip.family));
    }),
    { numRuns: trials(300) },
  );
});

test('addresses are ordered by number, IPv4 first', () => {
  const sorted = ['9.0.0.1', '10.0.0.2', '10.0.0.10', '::1', 'fd00::2', 'fd00::10'];
  const ips = sorted.toReversed().flatMap((it) => parseIp(it) ?? []);
  assert.deepEqual(ips.sort(compareIps).map(ipText), sorted);
});

test('an ordinary address is not special', () => {
  for (const it of ['10.0.0.1', '100.64.0.1', '192.168.0.1', 'fd00::1', '2001:db8::1']) {
    const ip = parseIp(it);
    assert.equal(ip && specialKind(ip), undefined, it);
  }
});
