import { zmsOf } from '../athenz/open-zms.ts';
import { openZmsSession } from '../athenz/session.ts';
import { parseDocument } from '../athenz/wire.ts';
import { parentOf } from '../model/domain.ts';
import type { Io } from '../run/io.ts';
import type { Workspace } from '../run/workspace.ts';
import { type DoctorContext, openContext } from './context.ts';
import { error, type Finding, findingOf, hasError, ok, skipped, warning } from './finding.ts';
import { checkIdentity } from './identity.ts';
import { checkRemoteName } from './remote-name.ts';

/**
 * Checks what a new config says, before anything is made from it: files, and with one request ZMS and the domain of namespaces.
 *
 * @param offline nothing is asked of a server
 */
export async function checkGiven(io: Io, workspace: Workspace, offline: boolean): Promise<readonly Finding[]> {
  const { athenz, forge } = workspace.config;
  const remote = await checkRemoteName(workspace);
  if (athenz.certPath === null && !io.env['ATHENZ_CERT']) {
    const none = 'no client certificate is given';
    const here = 'set ATHENZ_CERT and ATHENZ_KEY to the PEM text of the client certificate and its key';
    const fix = forge.kind === 'github' ? `${here}, to run athenz-gitops here too` : here;
    return [warning('certificate', none, fix), skipped('zms', 'it needs a certificate'), ...remote];
  }
  const { context, findings } = await openContext(io, workspace);
  const identity = await checkIdentity(context);
  const found = [...findings, ...remote, ...identity];
  if (offline) return [...found, skipped('zms', '--offline')];
  if (hasError(identity)) return [...found, skipped('zms', 'fix the certificate, key and CA first')];
  return [...found, await findingOf('zms', () => checkDomain(context))];
}

/** One request says whether ZMS answers, and whether it has what the config wants. */
async function checkDomain({ io, workspace, domains }: DoctorContext): Promise<Finding> {
  const config = workspace.config.athenz;
  const retry = { tries: 1, within: 10_000, delay: 200 };
  const session = openZmsSession({ config, env: io.env, clock: io.clock, retry, halt: { stop: io.stop() } });
  const zms = zmsOf(session, parseDocument);
  const [above = ''] = workspace.config.clusters[0]?.domain.split('{namespace}') ?? [];
  const domain = parentOf(above) ?? domains[0] ?? 'sys.auth';
  try {
    if (await zms.domainExists(domain)) return ok('zms', `${zms.url} answers; domain ${domain} exists`);
    const fix = 'correct clusters[].domain, or ask the Athenz administrators to create it';
    return error('zms', `${zms.url} answers; there is no domain ${domain}`, fix);
  } finally {
    await zms.close();
  }
}
