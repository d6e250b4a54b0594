import { roleName, type Tags } from '../model/domain.ts';
import { unreachable } from '../model/outcome.ts';
import { adminsTag, isOwnTag } from '../model/tags.ts';
import { count } from '../model/text.ts';
import { visible } from '../report/visible.ts';
import type { Drift, NewDomain, NewRole, Step } from './result.ts';

/*
 * The words for what provisioning does. They hold text from outside: escape them to show them.
 */

/** What a step writes. */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case 'create-domain':
      return `domain, ${newDomainWords(step.settings)}`;
    case 'create-role':
      return `role ${step.role}${suffix(newRoleWords(step.settings))}`;
    case 'create-group':
      return `group ${step.group}${suffix(step.members.length === 0 ? [] : [`members ${step.members.join(', ')}`])}`;
    case 'create-policy':
      return `policy in ${step.target}: members of ${step.asserts.role} have ${step.asserts.resource}`;
    case 'update-domain':
      return `settings${suffix(settingWords(step.settings))}`;
    case 'update-role':
      return `settings of role ${step.role}${suffix(settingWords(step.settings))}`;
    case 'delete-domain':
      return 'domain';
    default:
      return unreachable(step);
  }
}

function suffix(words: readonly string[]): string {
  return words.length === 0 ? '' : `: ${words.join('; ')}`;
}

/** Free text: it is cut when it is long, and nothing in it passes for one of our own words. */
function quoted(text: string): string {
  return /^[\w.:/-]{1,200}$/.test(text) ? text : visible(JSON.stringify(text));
}

/** Who is named, and by whom: an annotation is a wish of whoever may write the Namespace. Names are never cut. */
function newDomainWords(settings: NewDomain): string {
  const asked = (name: NewDomain['fromNamespace'][number]) =>
    settings.fromNamespace.includes(name) ? ' (its Namespace says so)' : '';
  const { adminUsers, org, description, ...rest } = settings;
  const named = settings.tags[adminsTag] ?? [];
  return [
    `administrators ${adminUsers.join(', ')}${named.length === 0 ? '' : ` (its Namespace names ${named.join(', ')})`}`,
    ...(org === undefined ? [] : [`org ${quoted(org)}${asked('org')}`]),
    ...(description === undefined ? [] : [`description ${quoted(description)}${asked('description')}`]),
    ...settingWords(rest),
  ].join('; ');
}

function newRoleWords({ members, trust, ...settings }: NewRole): readonly string[] {
  const delegated = trust === undefined ? [] : [`delegated to ${roleName(trust.domain, trust.role)}`];
  return [...(members.length === 0 ? [] : [`members ${members.join(', ')}`]), ...delegated, ...settingWords(settings)];
}

interface SomeSettings {
  readonly org?: string;
  readonly description?: string;
  readonly memberExpiryDays?: number;
  readonly selfServe?: boolean;
  readonly reviewEnabled?: boolean;
  readonly tags?: Tags;
}

function settingWords({ org, description, memberExpiryDays, selfServe, reviewEnabled, tags = {} }: SomeSettings) {
  const shown = Object.entries(tags).filter(([key]) => !isOwnTag(key));
  return [
    ...(org === undefined ? [] : [`org ${quoted(org)}`]),
    ...(description === undefined ? [] : [`description ${quoted(description)}`]),
    ...(memberExpiryDays === undefined ? [] : [`memberships end after ${count(memberExpiryDays, 'day')}`]),
    ...flagWords(selfServe, 'self-serve'),
    ...flagWords(reviewEnabled, 'reviewed'),
    ...shown.map(([key, values]) => `tag ${key} = ${values.map(quoted).join(', ')}`),
  ];
}

function flagWords(flag: boolean | undefined, word: string): readonly string[] {
  if (flag === undefined) return [];
  return [flag ? word : `not ${word}`];
}

/** A setting that differs, and what can be done about it. */
export function driftWords({ role, setting, is, shall, left }: Drift): string {
  if (isDisabled({ setting, ...(role === undefined ? {} : { role }) })) {
    return 'the domain is disabled in Athenz and read-only';
  }
  const where = role === undefined ? '' : `role ${role}: `;
  return `${where}${setting} is ${is}, the config says ${shall}; ${left ?? '--update sets it'}`;
}

/** The one thing that is no setting of the config: a disabled domain is skipped. */
export function isDisabled({ role, setting }: Pick<Drift, 'role' | 'setting'>): boolean {
  return role === undefined && setting === 'enabled';
}
