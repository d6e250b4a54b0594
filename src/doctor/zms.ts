import { createPublicKey } from 'node:crypto';
import { zmsOf } from '../athenz/open-zms.ts';
import { openZmsSession } from '../athenz/session.ts';
import { parseDocument } from '../athenz/wire.ts';
import type { Zms } from '../athenz/zms.ts';
import { findDomainless } from '../config/domainless.ts';
import { type DomainStamp, stampsOf } from '../model/domain.ts';
import { reasonOf } from '../model/error.ts';
import { count, shortTime } from '../model/text.ts';
import { readText } from '../runtime/file.ts';
import type { DoctorContext } from './context.ts';
import { error, type Finding, findingOf, findingsOf, ok, skipped, warning } from './finding.ts';
import { checkProvisioning, permissionsOf } from './provision.ts';
import { checkRoles } from './roles.ts';

/**
 * Whether a run may poll: the list, and one document of those it would read, both from ZMS and not from the cache. And whether
 * provisioning may write.
 */
export function checkZms(context: DoctorContext): Promise<readonly Finding[]> {
  return findingsOf('zms', () => checkServer(context));
}

async function checkServer(context: DoctorContext): Promise<readonly Finding[]> {
  const { env, clock } = context.io;
  const config = context.workspace.config.athenz;
  const retry = { tries: 2, within: 10_000, delay: 200 };
  const session = openZmsSession({ config, env, clock, retry, halt: { stop: context.io.stop() } });
  const zms = zmsOf(session, parseDocument);
  try {
    let list: readonly DomainStamp[] = [];
    const listed = await findingOf('zms', async () => {
      list = (await zms.listDomains()).all();
      return ok('zms', `${zms.url} lists ${count(list.length, 'domain')}`);
    });
    const documents =
      listed.status === 'error'
        ? [skipped('documents', 'the list could not be read')]
        : [
            await findingOf('clock', () => checkClock(list, clock.now())),
            ...(await findingsOf('domains', async () => checkDomains(context, list))),
            ...(await findingsOf('documents', () => checkDocument(context, zms, list))),
            ...(await findingsOf('provision', () => checkProvisioning(context, permissionsOf(session, zms), list))),
          ];
    return [listed, ...documents, ...(await findingsOf('signing key', () => checkKeys(config.publicKeys, zms)))];
  } finally {
    await zms.close();
  }
}

/** ZMS sends no date with its answers: what it has stamped must not be in the future. */
function checkClock(list: readonly DomainStamp[], now: number): Finding {
  const newest =
    list
      .map(({ modified }) => modified)
      .sort()
      .at(-1) ?? '';
  const ahead = Date.parse(newest) - now;
  if (!(ahead > 60_000)) return ok('clock', 'no domain was modified in the future');
  const message = `ZMS modified a domain at ${shortTime(newest)}, which is ${Math.round(ahead / 1000)} s ahead of this clock`;
  return warning('clock', message, 'correct the clock of this machine: it decides which memberships have expired');
}

function checkDomains(context: DoctorContext, list: readonly DomainStamp[]): readonly Finding[] {
  const { domains } = context;
  if (domains.length === 0) return [skipped('domains', 'no namespace was found')];
  const listed = new Set(list.map(({ name }) => name));
  const absent = domains.filter((name) => !listed.has(name));
  const there = domains.length - absent.length;
  const found = `${there} of ${count(domains.length, 'wanted domain')} ${there === 1 ? 'exists' : 'exist'}`;
  if (absent.length === 0) return [ok('domains', found)];
  // One wrong template is one cause.
  const domainless = findDomainless(context.workspace.config, context.inventory, stampsOf(list));
  if (domainless.length > 0) {
    return domainless.map(({ problem: { message, next = '' } }) => warning('domains', message, next));
  }
  const some = absent.slice(0, 5).join(', ');
  const rest = absent.length > 5 ? ` and ${absent.length - 5} more` : '';
  const fix = 'create them in Athenz, or correct clusters[].domain; until then they grant no access';
  return [warning('domains', `${found}; missing: ${some}${rest}`, fix)];
}

async function checkDocument(
  context: DoctorContext,
  zms: Zms,
  list: readonly DomainStamp[],
): Promise<readonly Finding[]> {
  const { domains } = context;
  const stamp = list.find(({ name }) => domains.includes(name));
  if (stamp === undefined) {
    // Any other says which key signs; its other problems do not matter here.
    const any = list.find(({ name }) => name === 'sys.auth') ?? list[0];
    if (any !== undefined) await zms.domainDocument(any.name, any.modified).catch(() => undefined);
    return [skipped('documents', 'no wanted domain exists')];
  }
  const document = await zms.domainDocument(stamp.name, stamp.modified);
  return [ok('documents', `${stamp.name}: readable, signature valid`), ...checkRoles(context, document)];
}

async function checkKeys(
  files: Readonly<Record<string, string>>,
  { url, signingKeys }: Pick<Zms, 'url' | 'signingKeys'>,
): Promise<readonly Finding[]> {
  const [signing] = signingKeys;
  const entries = Object.entries(files);
  if (entries.length === 0) {
    const message = 'none is pinned: the key reported by ZMS is trusted';
    const where = `${url}/domain/sys.auth/service/zms/publickey/${signing ?? 'ID'}`;
    const fix = `get its public key from the ZMS administrators (it is shown at ${where}), save it as a PEM file, and set athenz.publicKeys: {"${signing ?? 'ID'}": FILE}`;
    const known = signing === undefined ? '' : `; "${signing}" is in use`;
    return [warning('signing key', `${message}${known}`, fix)];
  }
  return Promise.all(
    entries.map(async ([id, file]) => {
      try {
        const { asymmetricKeyType } = createPublicKey(await readText(file));
        const signs = signingKeys.has(id) ? ', and in use' : '';
        return ok('signing key', `"${id}" is pinned (${asymmetricKeyType}${signs})`);
      } catch (thrown) {
        const fix = 'correct athenz.publicKeys: key id → PEM file of a public key';
        return error('signing key', `"${id}", ${file}: ${reasonOf(thrown)}`, fix);
      }
    }),
  );
}
