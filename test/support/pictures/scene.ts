import type { SandboxState } from '../../../src/sandbox/state.ts';
import { openGitHubFixture } from '../github-fixture.ts';
import { columns } from './terminal.ts';

/** What the pictures show, of one real run. */
export interface Scene {
  /** What `plan` prints on a terminal, with its colours. */
  readonly terminal: string;
  readonly title: string;
  /** Of the pull request, as Markdown. */
  readonly body: string;
}

/** A team changes, an auditor is suspended, a person gets a role for a while, and one domain cannot be read. */
export async function playScene(): Promise<Scene> {
  await using fixture = await openGitHubFixture();
  // What is there already was proposed and merged, so that a removal has a reason.
  await fixture.sync();
  fixture.github.merge(1);
  fixture.sandbox.update(({ domains }) => ({
    domains: {
      ...domains,
      'acme.org': withGroup(domains['acme.org'], 'payments', ['user.ada', 'user.chen', 'user.noor']),
      'acme.platform': withRole(domains['acme.platform'], 'auditors', [{ name: 'user.ivo', suspended: true }]),
      'acme.eks.search': withRole(domains['acme.eks.search'], 'k8s_ns_admins', [
        { name: 'user.dara' },
        { name: 'user.eli', expires: '2031-06-30T12:00:00Z' },
      ]),
      // Changed, so that it is read again.
      'acme.eks.checkout': withRole(domains['acme.eks.checkout'], 'k8s_ns_viewers', []),
    },
  }));
  const failed = JSON.stringify({ code: 503, message: 'Service Unavailable' });
  fixture.sandbox.intercept(({ path }) =>
    path.includes('acme.eks.checkout')
      ? { kind: 'status', status: 503, body: failed, contentType: 'application/json' }
      : undefined,
  );
  const { out } = await fixture.expect(3, ['plan'], { env: fixture.env, outIsTerminal: true, outWidth: columns });
  await fixture.expect(3, ['sync'], { env: fixture.env });
  const { title, body } = fixture.github.pull(2);
  return { terminal: out, title, body: body ?? '' };
}

type Domain = SandboxState['domains'][string];
type Members = Domain['roles'][string]['members'];

function withRole(domain: Domain | undefined, role: string, members: Members): Domain {
  if (domain === undefined) throw new Error(`the sample lacks the domain of ${role}`);
  return { ...domain, roles: { ...domain.roles, [role]: { members } } };
}

function withGroup(domain: Domain | undefined, group: string, names: readonly string[]): Domain {
  if (domain === undefined) throw new Error(`the sample lacks the domain of ${group}`);
  return { ...domain, groups: { ...domain.groups, [group]: { members: names.map((name) => ({ name })) } } };
}
