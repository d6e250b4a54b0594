import type { Config } from '../config/types.ts';

/**
 * What tells a config's domains from those of every other config that uses the same ZMS, as the value of a tag: its `id`,
 * else its repository and path.
 *
 * @param path of the config, from the root of its repository, with `/`
 * @returns undefined where neither is known: two clones on two machines could not be told apart
 */
export function ownerTag(
  { id, forge }: Pick<Config, 'id'> & { readonly forge: Pick<Config['forge'], 'repository'> },
  path: string,
): string | undefined {
  if (id !== null) return id;
  return forge.repository === null ? undefined : tagValue(`${forge.repository}:${path}`);
}

/** Escapes what a tag value of ZMS may not hold (TagCompoundValue, Names.tdl): no two texts give the same value. */
function tagValue(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_:,/.-]|(?<![A-Za-z0-9_:,/-])[.-]|\.(?![A-Za-z0-9_:,/])/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
