import type { ProvisionResult, Step } from '../../src/provision/result.ts';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { normaliseState, type SandboxState, type StateInput } from '../../src/sandbox/state.ts';
import { type Fixture, openFixture } from './fixture.ts';
import type { RunOptions } from './run.ts';

export interface ProvisionFixture extends Fixture {
  /** Runs provision, and gives its result if the exit code is the one expected. */
  provision(code?: number, args?: readonly string[], options?: RunOptions): Promise<ProvisionResult>;
  /** Commits which namespaces there are, each a name or a manifest. */
  declare(...namespaces: readonly (string | object)[]): Promise<void>;
  /** What has been asked of ZMS since the last time this was asked. */
  asked(): readonly string[];
}

export interface ProvisionFixtureOptions {
  readonly namespaces?: readonly (string | object)[];
  /** In place of `provision` in the config, as YAML in flow style. */
  readonly provision?: string;
  readonly state?: StateInput;
  readonly config?: (text: string) => string;
  readonly cached?: boolean;
}

const principal = 'acme.platform.gitops';

/** What the service may do: create below acme.eks, and write in domains where it is an administrator. */
export const allowed: StateInput = {
  domains: {
    acme: null,
    'acme.platform': null,
    'acme.eks': {
      roles: { provisioner: [principal] },
      policies: {
        provisioner: [{ role: 'acme.eks:role.provisioner', resource: 'acme.eks:domain', action: 'create' }],
      },
    },
  },
};

/** A company without any namespace's domain yet, and a service that may create them. */
export async function openProvisionFixture(options: ProvisionFixtureOptions = {}): Promise<ProvisionFixture> {
  const { provision = `{adminUsers: [user.lead, ${principal}]}`, cached = false } = options;
  const fixture = await openFixture({
    uncommitted: true,
    cached,
    config: (text) => (options.config ?? ((it) => it))(`${text}\nid: ours\nprovision: ${provision}\n`),
  });
  fixture.sandbox.update(() => options.state ?? allowed);
  let seen = 0;
  const declare: ProvisionFixture['declare'] = async (...namespaces) => {
    const documents = namespaces.map((it) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: typeof it === 'string' ? { name: it } : it,
      }),
    );
    await fixture.commit({ 'clusters/prod/namespaces.yaml': `${documents.join('\n---\n')}\n` }, 'Namespaces');
  };
  await declare(...(options.namespaces ?? ['search', 'web']));
  return {
    ...fixture,
    declare,
    async provision(code = 0, args = [], more = {}) {
      const { out } = await fixture.expect(code, ['provision', '--json', ...args], more);
      return JSON.parse(out) as ProvisionResult;
    },
    asked() {
      const { requests } = fixture.sandbox;
      const asked = requests.slice(seen).map(nameOf);
      seen = requests.length;
      return asked;
    },
  };
}

/** `PUT /domain/acme.eks.web/role/viewers` */
export function nameOf({ method, url }: SandboxRequest): string {
  return `${method} ${url.replace('/zms/v1', '').replace('?metaonly=true', '').replace('?signaturep1363format=true', '')}`;
}

export function isWrite(asked: string): boolean {
  return !asked.startsWith('GET ');
}

/** The steps of a plan, as `acme.eks.web create-role viewers`. */
export function stepsOf({ plan }: ProvisionResult): readonly string[] {
  return plan.domains.flatMap(({ domain, steps }) => steps.map((step) => `${domain} ${step.kind}${about(step)}`));
}

function about(step: Step): string {
  if ('role' in step) return ` ${step.role}`;
  if ('group' in step) return ` ${step.group}`;
  return 'policy' in step ? ` ${step.policy}` : '';
}

/** Members of the roles of a domain, by role; what nobody is in is there too. */
export function membersIn(state: SandboxState, domain: string): Readonly<Record<string, readonly string[]>> {
  const roles = Object.entries(state.domains[domain]?.roles ?? {});
  return Object.fromEntries(roles.map(([role, { members }]) => [role, members.map(({ name }) => name)]));
}

/** Two states in one. */
export function withDomains(...states: readonly StateInput[]): SandboxState {
  return normaliseState({ domains: Object.assign({}, ...states.map(({ domains }) => domains)) });
}
