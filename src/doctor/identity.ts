import { createPrivateKey, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { principalOf } from '../athenz/credentials.ts';
import { reasonOf, reasonOfFile } from '../model/error.ts';
import { decryptIt, isEncrypted } from '../model/key.ts';
import { count, shellWord } from '../model/text.ts';
import { certificatesIn } from '../runtime/ca.ts';
import { readText } from '../runtime/file.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, findingOf, findingsOf, ok, skipped, warning } from './finding.ts';

const day = 86_400_000;

/** The certificate and key that ZMS is asked with, and the CA that its own is checked against. */
export async function checkIdentity(context: DoctorContext): Promise<readonly Finding[]> {
  const { athenz } = context.workspace.config;
  const { env, clock } = context.io;
  const cert = await readPem(env['ATHENZ_CERT'], athenz.certPath, 'athenz.certPath or ATHENZ_CERT');
  const key = await readPem(env['ATHENZ_KEY'], athenz.keyPath, 'athenz.keyPath or ATHENZ_KEY');
  const certificate = parseCertificate(cert);
  const parsed = certificate instanceof X509Certificate ? certificate : undefined;
  return [
    await findingOf('certificate', () =>
      certificate instanceof X509Certificate ? checkValidity(certificate, clock.now()) : certificate,
    ),
    ...(parsed === undefined ? [] : await findingsOf('provision', async () => checkAdministrator(context, parsed))),
    ...(await findingsOf('key', () => checkKey(key, parsed))),
    ...(athenz.caPath === null ? [] : [await checkCa(athenz.caPath)]),
  ];
}

/** A text and where it is from, or why there is none. */
type Pem =
  | { readonly text: string; readonly from: string; readonly path?: string }
  | { readonly problem: string; readonly fix: string };

/** The environment goes before the file, as when ZMS is asked. */
async function readPem(text: string | undefined, path: string | null, setting: string): Promise<Pem> {
  if (text !== undefined && text !== '') return { text, from: setting.replace(/.* /, '') };
  if (path === null) return { problem: 'there is none', fix: `set ${setting}` };
  try {
    return { text: await readText(path), from: path, path };
  } catch (thrown) {
    return { problem: `${path}: ${reasonOfFile(thrown)}`, fix: `check the path in ${setting}` };
  }
}

function parseCertificate(pem: Pem): X509Certificate | Finding {
  if ('problem' in pem) return error('certificate', pem.problem, pem.fix);
  try {
    return new X509Certificate(pem.text);
  } catch (thrown) {
    const fix = 'provide the whole PEM block, including its BEGIN and END lines';
    return error('certificate', `${pem.from} contains no certificate: ${reasonOf(thrown)}`, fix);
  }
}

function checkValidity(certificate: X509Certificate, now: number): Finding {
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const name = principalOf(certificate);
  const who = name === undefined ? certificate.subject.replaceAll('\n', ', ') : `CN ${name}`;
  const left = until - now;
  const until_ = `${who}, valid until ${dateOf(until)} (${spanOf(left)})`;
  const renew = 'renew it, and check its automatic renewal';
  if (left < 0) return error('certificate', `${who}, expired ${dateOf(until)} (${spanOf(-left)} ago)`, renew);
  if (from > now) {
    const fix = 'check the clock of this machine, or wait';
    return error('certificate', `${who}, not valid before ${dateOf(from)} (in ${spanOf(from - now)})`, fix);
  }
  if (name === undefined)
    return error('certificate', `${until_}, has no CN`, 'use one whose CN is the Athenz principal');
  if (left < 7 * day || left < (until - from) / 5) return warning('certificate', until_, renew);
  return ok('certificate', until_);
}

/** Whether it may write roles in the domains that it creates; none where the config has no `provision.adminUsers`. */
function checkAdministrator({ workspace }: DoctorContext, certificate: X509Certificate): readonly Finding[] {
  const { adminUsers } = workspace.config.provision;
  const principal = principalOf(certificate);
  if (adminUsers.length === 0 || principal === undefined) return [];
  if (adminUsers.includes(principal)) return [ok('provision', `${principal} is in provision.adminUsers`)];
  const message = `${principal} is not in provision.adminUsers: it can create domains, but not the roles in them`;
  return [warning('provision', message, 'add it, unless another policy gives it write access to new domains')];
}

async function checkKey(pem: Pem, certificate: X509Certificate | undefined): Promise<readonly Finding[]> {
  if ('problem' in pem) return [error('key', pem.problem, pem.fix)];
  if (isEncrypted(pem.text)) return [error('key', `${pem.from} is encrypted`, decryptIt)];
  try {
    const key = createPrivateKey(pem.text);
    if (certificate === undefined) return [skipped('key', 'there is no certificate to compare it with')];
    if (!certificate.checkPrivateKey(key)) {
      return [error('key', `${pem.from} does not belong to the certificate`, 'use the matching certificate and key')];
    }
  } catch (thrown) {
    // The words of the library say nothing of the key itself.
    const fix = 'provide an unencrypted private key as PEM, including its BEGIN and END lines';
    return [error('key', `${pem.from} contains no valid private key: ${reasonOf(thrown)}`, fix)];
  }
  const mode = pem.path === undefined ? 0 : (await stat(pem.path)).mode & 0o777;
  if ((mode & 0o044) === 0) return [ok('key', 'belongs to the certificate')];
  const message = `others may read ${pem.from} (mode ${mode.toString(8).padStart(4, '0')})`;
  return [warning('key', message, `chmod 600 ${shellWord(pem.from)}`)];
}

async function checkCa(path: string): Promise<Finding> {
  const fix = 'set athenz.caPath to a PEM file with the CA of ZMS';
  try {
    const text = await readText(path);
    const blocks = certificatesIn(text);
    if (blocks.length === 0) return error('ca', `${path} contains no certificate`, fix);
    for (const block of blocks) new X509Certificate(block);
    return ok('ca', `${count(blocks.length, 'certificate')} in ${path}`);
  } catch (thrown) {
    return error('ca', `reading ${path}: ${reasonOf(thrown)}`, fix);
  }
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function spanOf(milliseconds: number): string {
  const days = Math.floor(milliseconds / day);
  return days > 0 ? count(days, 'day') : count(Math.floor(milliseconds / 3_600_000), 'hour');
}
