/** `merge-tree --write-tree` and `safe.bareRepository` came with it. */
const oldest = [2, 38] as const;
export const oldestGit = oldest.join('.');

/** @param said what git says of its version, as `git version 2.39.5` */
export function isTooOld(said: string): boolean {
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}
