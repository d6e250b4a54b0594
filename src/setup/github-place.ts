/** A repository on a GitHub. */
export interface GitHubPlace {
  /** `owner/name` */
  readonly repository: string;
  readonly host: string;
}

/** Not `.` and `..`, which are folders. */
const name = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._-]+';
const forms = [
  new RegExp(`^(?<owner>${name})/(?<name>${name}?)(?:\\.git)?/?$`),
  new RegExp(`^https://(?:[^@/]+@)?(?<host>[^/@]+)/(?<owner>${name})/(?<name>${name}?)(?:\\.git)?/?$`),
  new RegExp(`^ssh://(?:[^@/]+@)?(?<host>[^/@:]+)(?::\\d+)?/(?<owner>${name})/(?<name>${name}?)(?:\\.git)?/?$`),
  new RegExp(`^(?:[^@/:]+@)(?<host>[^/@:]+):(?<owner>${name})/(?<name>${name}?)(?:\\.git)?/?$`),
];

/** Reads `owner/name`, an address in a browser or the URL of a git remote; undefined for anything else. */
export function parseGitHubPlace(text: string): GitHubPlace | undefined {
  for (const form of forms) {
    const { owner, name, host = 'github.com' } = form.exec(text)?.groups ?? {};
    if (owner !== undefined && name !== undefined) return { repository: `${owner}/${name}`, host: host.toLowerCase() };
  }
  return undefined;
}

/** What `forge.apiUrl` has to say; undefined for github.com, which is the default. */
export function apiUrlAt({ host }: GitHubPlace): string | undefined {
  if (host === 'github.com') return undefined;
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`;
}

/** The repository of a remote, as a person would give it; undefined where that is not on a GitHub. */
export function repositoryOfRemote(url: string | undefined): string | undefined {
  const place = url === undefined ? undefined : parseGitHubPlace(url);
  // Without a host it is a path.
  if (place === undefined || !/[:@]/.test(url ?? '')) return undefined;
  return apiUrlAt(place) === undefined ? place.repository : `https://${place.host}/${place.repository}`;
}
