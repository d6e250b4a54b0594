import { createSigner, type Signer, signDocument } from '../../src/sandbox/sign.ts';
import type { FaultFixture } from './fault-fixture.ts';
import { answer, type NamedFault } from './faults.ts';

/** Documents that arrive in good order and must not be believed. */
export async function forgeries({ before, after }: FaultFixture, domain: string): Promise<readonly NamedFault[]> {
  const stale = before.documents[domain] ?? '';
  const genuine = JSON.parse(after.documents[domain] ?? '');
  const { payload, signature } = genuine;
  // What a thief would write: nobody is left.
  const empty = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: [], groups: [] };
  const signer = await createSigner('ES256');
  const signedBy = (key: Partial<Signer>) =>
    JSON.stringify(signDocument(JSON.stringify(empty), { ...signer, ...key }, 'ieee-p1363'));
  const other = Object.keys(after.documents).find((name) => name !== domain) ?? '';
  const forged = (name: string, body: string, code: NamedFault['code'], passing = false): NamedFault => ({
    name,
    fault: answer(200, body),
    code,
    passing,
  });
  return [
    forged('a stale replica', stale, 'ZMS_STALE', true),
    forged('the document of another domain', after.documents[other] ?? '', 'ZMS_BAD_RESPONSE', true),
    forged(
      'a signature for another text',
      JSON.stringify({ ...genuine, signature: JSON.parse(stale).signature }),
      'ZMS_SIGNATURE',
    ),
    forged(
      'a text under another signature',
      JSON.stringify({ ...JSON.parse(signedBy({})), signature }),
      'ZMS_SIGNATURE',
    ),
    forged('a signature by another key', signedBy({}), 'ZMS_SIGNATURE'),
    forged('a key that ZMS does not know', signedBy({ keyId: '1' }), 'ZMS_SIGNATURE'),
    forged('a key id that is a path', signedBy({ keyId: '../x' }), 'ZMS_SIGNATURE'),
  ];
}
