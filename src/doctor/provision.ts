import { isGranted } from '../athenz/access.ts';
import type { Session } from '../athenz/session.ts';
import type { Zms } from '../athenz/zms.ts';
import type { ClusterConfig } from '../config/types.ts';
import { type DomainStamp, domainOf, isDomainName, parentOf, roleName } from '../model/domain.ts';
import { AppError } from '../model/error.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Of what may be thousands, so many are asked for. */
const sample = 5;

/** What the checks ask ZMS. */
export interface Permissions {
  readonly zms: Pick<Zms, 'domainDocument'>;
  may(action: string, resource: string): Promise<boolean>;
}

/** The questions of a session; each is a read. */
export function permissionsOf(session: Session, zms: Zms): Permissions {
  return { zms, may: (action, resource) => isGranted(session, action, resource) };
}

/**
 * Whether `provision --apply` may write what it would: domains, roles that are missing in domains that are there, and policies for
 * delegated roles. Nothing is written; without `provision.adminUsers` nothing is asked.
 *
 * @param list every domain of the server
 */
export async function checkProvisioning(
  context: Pick<DoctorContext, 'workspace' | 'inventory' | 'domains'>,
  permissions: Permissions,
  list: readonly DomainStamp[],
): Promise<readonly Finding[]> {
  const { adminUsers, roles } = context.workspace.config.provision;
  if (adminUsers.length === 0) return [];
  const there = new Map(list.map((stamp) => [stamp.name, stamp]));
  const parents = parentsOf(context).slice(0, sample);
  const present = context.domains.flatMap((name) => there.get(name) ?? []).slice(0, sample);
  const policies = Object.entries(roles).flatMap(([role, { trust }]) =>
    trust?.policy ? [{ role, domain: trust.domain }] : [],
  );
  const checks = [
    ...parents.map((parent) => () => checkParent(parent, there.has(parent), permissions)),
    ...present.map((stamp) => () => checkRoles(context, stamp, permissions)),
    ...policies
      .slice(0, sample)
      .map((it) => () => checkPolicy(context.domains[0], it, there.has(it.domain), permissions)),
  ];
  const findings = await Promise.all(checks.map(answered));
  return findings.flat();
}

/** A permission that cannot be asked for is no error: not every ZMS has to answer that. */
async function answered(check: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return [warning('provision', `${thrown.code}: ${thrown.message}`, 'run provision to see what it may write')];
  }
}

/** The domains that new ones are created below, sorted; of a config without namespaces, what its templates say. */
function parentsOf({ workspace, domains }: Pick<DoctorContext, 'workspace' | 'domains'>): readonly string[] {
  const templates = workspace.config.clusters.map(({ domain }) => domain);
  const parents = (domains.length > 0 ? domains : templates).flatMap((name) => parentOf(name) ?? []);
  return [...new Set(parents)].filter(isDomainName).sort();
}

async function checkParent(parent: string, exists: boolean, { may }: Permissions): Promise<readonly Finding[]> {
  if (!exists) {
    const message = `there is no domain ${parent}, and parents are never created`;
    return [warning('provision', message, `create ${parent} in Athenz, or correct clusters[].domain`)];
  }
  if (await may('create', `${parent}:domain`)) return [ok('provision', `may create domains below ${parent}`)];
  const fix = `add a policy to ${parent}: ALLOW create on ${parent}:domain (docs/how-to/provision.md)`;
  return [warning('provision', `may not create domains below ${parent}`, fix)];
}

/** Of a domain that has all its roles nothing is asked: they are never written again. */
async function checkRoles(
  { workspace, inventory }: Pick<DoctorContext, 'workspace' | 'inventory'>,
  { name: domain, modified, enabled }: DomainStamp,
  { zms, may }: Permissions,
): Promise<readonly Finding[]> {
  if (!enabled) return [];
  const document = await zms.domainDocument(domain, modified);
  const present = new Set(document.roles.map(({ name }) => name));
  const wanted = workspace.config.clusters.filter((cluster) => isDomainOf(cluster, domain, inventory));
  const missing = wanted.flatMap(({ roles }) => roles).find(({ athenzRole }) => !present.has(athenzRole));
  if (missing === undefined || (await may('update', roleName(domain, missing.athenzRole)))) return [];
  const message = `${domain} has no role ${missing.athenzRole}, and this identity may not create it there`;
  return [warning('provision', message, `make it an administrator of ${domain}, or create the role yourself`)];
}

function isDomainOf(cluster: ClusterConfig, domain: string, inventory: DoctorContext['inventory']): boolean {
  const namespaces = inventory.find((it) => it.cluster === cluster.name)?.namespaces ?? [];
  return namespaces.some(({ name }) => domainOf(cluster, name) === domain);
}

/** @param domain one of those that the role is delegated in */
async function checkPolicy(
  domain: string | undefined,
  { role, domain: trusted }: { readonly role: string; readonly domain: string },
  exists: boolean,
  { may }: Permissions,
): Promise<readonly Finding[]> {
  if (domain === undefined) return [];
  if (!exists) {
    const message = `${role} is delegated to ${trusted}, and there is no such domain`;
    return [warning('provision', message, `correct provision.roles.${role}.trust`)];
  }
  if (await may('update', `${trusted}:policy.athenz-gitops.${domain}.${role}`)) return [];
  const fix = `add a policy to ${trusted}: ALLOW update on ${trusted}:policy.athenz-gitops.*, or omit trust.policy (docs/how-to/provision.md)`;
  return [warning('provision', `may not create the policy in ${trusted} that ${role} is delegated by`, fix)];
}
