/** Orders text by UTF-16 code unit, which no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Makes a text from outside harmless for a medium: none of it may act as markup or as a terminal escape. */
export type Show = (text: string) => string;

/** `2026-11-20 18:00 UTC`, from RFC 3339. */
export function shortTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}

/** `Namespace`, from `namespace`. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `Check the network.`, from `check the network`. */
export function sentence(text: string): string {
  return `${capital(text)}.`;
}

/** `1 file`, `2 files`. */
export function count(amount: number, singular: string, plural = pluralOf(singular)): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}

/** `3 grants to add`, `1 to remove`: each amount that is not zero, the noun with the first. */
export function counts(noun: string, amounts: readonly (readonly [amount: number, what: string])[]): readonly string[] {
  const some = amounts.filter(([amount]) => amount > 0);
  return some.map(([amount, what], index) => `${index === 0 ? count(amount, noun) : amount} ${what}`);
}

/** `copies`, of `copy`; `grants`, of `grant`. */
export function pluralOf(singular: string): string {
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

/** `a, b and 3 more`, of names that are shown already. */
export function someOf(names: readonly string[], most = 10): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}

/** A text from outside in a command that a user may copy. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
