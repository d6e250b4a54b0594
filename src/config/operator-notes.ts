import { label } from '../model/label.ts';
import { type OperatorConfig, type OperatorFile, roleNameOf } from './operator.ts';
import type { ConfigInput } from './schema.ts';
import { systemNamespaces } from './system-namespaces.ts';

/** What the operator's file says and our config cannot. */
export function losses({ config: { syncer }, unknown }: OperatorFile): readonly string[] {
  const notes: string[] = [];
  const interval = syncer.athenzRoleMembers?.interval;
  if (interval !== undefined && interval !== null) {
    notes.push(`syncer.athenzRoleMembers.interval (${interval}): replaced by the schedule of the job that runs sync.`);
  }
  for (const name of syncer.excludedNamespaces ?? []) {
    if (!label.test(name)) {
      notes.push(`syncer.excludedNamespaces: "${name}" is not a namespace name, and the operator has no patterns.`);
    }
  }
  for (const key of unknown) notes.push(`${key}: the operator ignores this key too.`);
  return notes;
}

/** What goes another way once this program writes the objects. */
export function behaviourChanges({ athenz, syncer }: OperatorConfig, made: ConfigInput): readonly string[] {
  const notes: string[] = [];
  if (syncer.athenzRoleMembers?.includeGroup === true) {
    notes.push(
      'Groups and delegated roles are expanded as before (includeGroup), and groups in delegated roles as well.',
    );
  } else {
    notes.push(
      'Groups and delegated roles are always expanded; the operator ignored them (no includeGroup: true). Check who gains access.',
    );
  }
  if (!syncer.userTld) {
    notes.push(
      'syncer.userTld is not set. Members of the domain "user" get access here; newer operators bind nobody then.',
    );
  }
  notes.push(
    'Expired and suspended members and disabled domains grant nothing; the operator bound them. Check who loses access.',
    `Only domains directly below ${syncer.parentDomain} count; the operator also matched deeper domains by their last part.`,
    `System namespaces are also excluded: ${unlisted(syncer.excludedNamespaces ?? []).join(', ')}.`,
    'Namespaces come from files in git, no longer from the cluster.',
  );
  const names = [syncer.parentDomain, ...syncer.roles.map(roleNameOf)];
  const shouted = names.filter((name) => name !== name.toLowerCase());
  if (shouted.length > 0) {
    notes.push(
      `Names are in lower case, as in Athenz; objects that the operator named after ${shouted.join(', ')} are not adopted.`,
    );
  }
  if (syncer.roles.some((role) => role.suffix !== undefined)) {
    notes.push('syncer.roles[].suffix is taken as the name of the Athenz role, as in later versions of the operator.');
  }
  if (made.athenz.caPath === undefined) {
    notes.push(
      "The server's certificate is verified, which the operator did not do: set athenz.caPath (--ca) if its CA is not the system's.",
    );
  }
  if ([athenz.certPath, athenz.keyPath].some((path) => !path.startsWith('/'))) {
    notes.push("Certificate and key paths were relative to the operator's working directory: check them.");
  }
  notes.push('Object names contain ":", which Argo CD tracks only since argo-cd#15380 (docs/how-to/argo-cd.md).');
  return notes;
}

/** What is always left out here and was not there; of a pattern, what it matches besides what was listed. */
function unlisted(excluded: readonly string[]): readonly string[] {
  return systemNamespaces
    .filter((system) => !excluded.includes(system))
    .map((system) => (system.includes('*') ? `${system} (all of them)` : system));
}
