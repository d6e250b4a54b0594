/**
 * Where a person opens a pull request: what the API refuses, the site may allow.
 *
 * @param api base URL of the API: `https://api.github.com`, `https://api.<name>.ghe.com`, or `https://<host>/api/v3`
 * @param repository `owner/name`
 */
export function compareUrl(api: string, repository: string, base: string, branch: string): string {
  const { protocol, host } = new URL(api);
  const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');
  return `${protocol}//${host.replace(/^api\./, '')}/${path(repository)}/compare/${path(base)}...${path(branch)}?expand=1`;
}
