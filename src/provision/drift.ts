import { isDeepStrictEqual } from 'node:util';
import type { DetailedDocument, DomainSettings, RoleSettings } from '../model/domain.ts';
import { isOurs, isOwnTag, tagCount, tagLimit } from '../model/tags.ts';
import type { Need } from './needs.ts';
import type { Drift, Step } from './result.ts';

/** What differs, and what `--update` would write of it. */
export interface SettingsDrift {
  readonly drift: readonly Drift[];
  readonly steps: readonly Step[];
}

const foreign = 'it was not created by athenz-gitops';
/** A system attribute: ZMS passes it over in what the administrators of a domain may write. */
const guarded = 'only the Athenz administrators can change it';
const crowded = `with the existing values its tags would exceed the ZMS limit of ${tagLimit} values`;
const ends = 'ZMS would expire existing memberships: set it in Athenz';

/**
 * Compares the settings of a domain and of its roles with the config. What has been set in Athenz and is not in the config
 * stays; members are not compared.
 */
export function compareSettings({ settings, roles }: Need, document: DetailedDocument): SettingsDrift {
  const own = compare(settings, document.settings, ends);
  const drift: Drift[] = [...own.drift];
  const { modified } = document;
  const steps: Step[] = isEmpty(own.update) ? [] : [{ kind: 'update-domain', settings: own.update, modified }];
  for (const [role, wanted] of roles) {
    const there = document.roles.find(({ name }) => name === role);
    const is = document.roleSettings.get(role);
    if (there === undefined || is === undefined) continue;
    const found = compare(wanted, is, there.members.length > 0 ? ends : undefined);
    drift.push(...found.drift.map((it) => ({ role, ...it })));
    if (!isEmpty(found.update)) steps.push({ kind: 'update-role', role, settings: found.update, modified });
    if (wanted.trust?.domain === there.trust) continue;
    const [from, to] = [there.trust, wanted.trust?.domain].map((it) => it ?? 'not delegated');
    const left = "the delegation is left to the domain's administrators";
    drift.push({ role, setting: 'trust', is: from ?? '', shall: to ?? '', left });
  }
  return { drift, steps };
}

type Settings = DomainSettings & RoleSettings;

/** @param expiry why a limit on memberships may not be set; undefined: it may */
function compare(
  shall: Settings,
  is: Settings,
  expiry: string | undefined,
): { readonly drift: readonly Drift[]; readonly update: Partial<Settings> } {
  const drift: Drift[] = [];
  let update: Partial<Settings> = {};
  const differs = (setting: string, from: string, to: string, reason: string | undefined, write: Partial<Settings>) => {
    const left = isOurs(is) ? reason : foreign;
    drift.push({ setting, is: from, shall: to, ...(left === undefined ? {} : { left }) });
    if (left === undefined) update = { ...update, ...write };
  };
  for (const name of ['org', 'description', 'memberExpiryDays', 'selfServe', 'reviewEnabled'] as const) {
    const to = shall[name];
    // ZMS leaves out a flag that is off.
    if (to === undefined || (is[name] ?? false) === to) continue;
    const reason = name === 'memberExpiryDays' ? expiry : name === 'org' ? guarded : undefined;
    differs(name, String(is[name] ?? 'not set'), String(to), reason, { [name]: to });
  }
  // A write replaces all tags at once: those that are there go along.
  const tooMany = tagCount({ ...is.tags, ...shall.tags }) > tagLimit ? crowded : undefined;
  for (const [key, values] of Object.entries(shall.tags)) {
    // Ours are written once, when it is created.
    if (isOwnTag(key)) continue;
    const there = is.tags[key];
    if (there !== undefined && isDeepStrictEqual(there.toSorted(), values.toSorted())) continue;
    const tags = { ...update.tags, [key]: values };
    differs(`tag ${key}`, there?.toSorted().join(', ') ?? 'not set', values.toSorted().join(', '), tooMany, { tags });
  }
  return { drift, update };
}

function isEmpty(settings: object): boolean {
  return Object.keys(settings).length === 0;
}
