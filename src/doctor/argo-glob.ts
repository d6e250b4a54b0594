/** Whether a path matches. */
export type Matcher = (path: string) => boolean;

/** No pattern that a person writes stands for more. */
const maxAlternatives = 100;

/**
 * Reads a pattern of `directory.include` or `directory.exclude` as Argo CD does (util/glob on gobwas/glob, without separators): `*`
 * stands for `/` too. Linear in pattern × path, as a manifest may hold any pattern.
 *
 * @returns undefined for what is no such pattern
 */
export function readArgoGlob(glob: string): Matcher | undefined {
  const tokens = glob.match(/\\.|\*+|\[[^\]]+\]|./gsu) ?? [];
  const alternatives = expand(tokens);
  return alternatives && ((path) => alternatives.some((pattern) => isMatch(pattern, path)));
}

/** `{a,b}` written out; undefined where braces do not match. */
function expand(tokens: readonly string[]): readonly (readonly string[])[] | undefined {
  const open = tokens.indexOf('{');
  if (open === -1) return tokens.includes('}') ? undefined : [tokens];
  const choices: string[][] = [[]];
  let depth = 1;
  for (let at = open + 1; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '{') depth++;
    if (token === '}') depth--;
    if (depth === 0) return expandAll(choices.map((it) => [...tokens.slice(0, open), ...it, ...tokens.slice(at + 1)]));
    if (token === ',' && depth === 1) choices.push([]);
    else choices.at(-1)?.push(token);
  }
  return undefined;
}

/** Gives up at the first that is no pattern: braces behind braces stand for very many. */
function expandAll(patterns: readonly (readonly string[])[]): readonly (readonly string[])[] | undefined {
  const all: (readonly string[])[] = [];
  for (const pattern of patterns) {
    const expanded = expand(pattern);
    if (expanded === undefined || all.length + expanded.length > maxAlternatives) return undefined;
    all.push(...expanded);
  }
  return all;
}

function isMatch(tokens: readonly string[], text: string): boolean {
  const characters = Array.from(text);
  let [token, at, star, resume] = [0, 0, -1, 0];
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted?.startsWith('*')) {
      star = token++;
      resume = at;
    } else if (wanted !== undefined && isOne(wanted, characters[at] ?? '')) {
      token++;
      at++;
    } else if (star !== -1) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  return tokens.slice(token).every((it) => it.startsWith('*'));
}

function isOne(token: string, character: string): boolean {
  if (token === '?') return true;
  if (token.length > 1 && token.startsWith('\\')) return token.slice(1) === character;
  if (token.length < 3 || !token.startsWith('[')) return token === character;
  const isNot = token[1] === '!';
  const [, set = ''] = /^\[!?(.*)\]$/s.exec(token) ?? [];
  const isIn =
    set.length === 3 && set[1] === '-'
      ? character >= (set[0] ?? '') && character <= (set[2] ?? '')
      : set.includes(character);
  return isIn !== isNot;
}
