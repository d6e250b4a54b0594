/**
 * Whether an address is that of this repository: by owner and name alone, as one repository has an address for https, one for ssh and
 * those of its mirrors.
 *
 * @param own addresses of this repository, or `owner/name`; of a folder nothing follows
 * @returns true, too, where nothing is known of this one
 */
export function isSameRepository(address: string, own: readonly string[]): boolean {
  const names = own.flatMap((it) => nameIn(it) ?? []);
  const name = nameIn(address);
  return names.length === 0 || (name !== undefined && names.includes(name));
}

/** `https://github.com/Acme/gitops.git`, `git@github.com:acme/gitops`, `acme/gitops` → `acme/gitops`. */
function nameIn(address: string): string | undefined {
  const path = /^(?:\w+:\/\/[^/]+\/|[\w.-]+@[^:/]+:|(?=[^/.:]+\/[^/:]+$))(.+)$/.exec(address)?.[1];
  const parts = path
    ?.toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2);
  return parts?.length === 2 ? parts.join('/') : undefined;
}
