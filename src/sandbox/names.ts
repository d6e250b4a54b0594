import { type Answer, zmsError } from './answer.ts';

export type NameType =
  | 'DomainName'
  | 'EntityName'
  | 'ActionName'
  | 'ResourceName'
  | 'SimpleName'
  | 'MemberName'
  | 'GroupMemberName'
  | 'TagCompoundValue';

const simple = '[a-zA-Z0-9_][a-zA-Z0-9_-]*';
const compound = `(${simple}\\.)*${simple}`;
const tagValue = String.raw`[a-zA-Z0-9_:,\/][a-zA-Z0-9_:%,\/-]*`;
const patterns: Readonly<Record<NameType, string>> = {
  DomainName: compound,
  EntityName: compound,
  ActionName: compound,
  ResourceName: `${compound}(:${compound})?`,
  SimpleName: simple,
  MemberName: `\\*|${compound}\\.\\*|${compound}(\\*)?|${compound}:group\\.${compound}|${compound}:ext\\..+`,
  TagCompoundValue: `(${tagValue}\\.)*${tagValue}`,
  GroupMemberName: `${compound}|${compound}:ext\\..+`,
};

export function isNamed(type: NameType, name: string): boolean {
  return new RegExp(`^(${patterns[type]})$`).test(name);
}

/** The refusal of the first name that is not one of its type. */
export function badName(types: readonly NameType[], names: readonly string[]): Answer | undefined {
  const wrong = types.find((type, index) => !isNamed(type, names[index] ?? ''));
  return wrong && invalid(wrong, `${mismatch(wrong)} in data`);
}

/** How ZMS says that a value is not of a type of its schema: once, and once more around that. */
export function invalid(type: string, why: string): Answer {
  const inner = `Invalid ${type} error: ${why}`;
  return zmsError(400, `Invalid ${type} error: ResourceException (400): {code: 400, message: "${inner}"}`);
}

export function mismatch(type: NameType): string {
  return `String pattern mismatch (expected "${patterns[type]}")  for type ${type}`;
}
