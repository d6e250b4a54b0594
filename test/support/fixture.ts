import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SamplePaths, sampleState, writeSample } from '../../src/sandbox/sample.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import type { SandboxState } from '../../src/sandbox/state.ts';
import { loadState } from '../../src/sandbox/state-file.ts';
import { openSandbox } from './authority.ts';
import {
  type Files,
  gitEnv,
  gitIn,
  makeRepository,
  type RepositoryOptions,
  type TestRepository,
} from './repository.ts';
import { type Ran, type RunOptions, runMain } from './run.ts';

export interface FixtureOptions extends RepositoryOptions {
  /** Changes the sample's config. */
  readonly config?: (text: string) => string;
  /** The files stay uncommitted. */
  readonly uncommitted?: boolean;
  /** Everything is rendered and committed already: git has what Athenz says. */
  readonly rendered?: boolean;
  /** Documents are cached, outside the repository. Default: not, so that each run reads all it needs. */
  readonly cached?: boolean;
}

/** A running sandbox ZMS with the sample company, and a repository with namespaces and the config for it. */
export interface Fixture extends TestRepository {
  readonly sandbox: Sandbox;
  readonly paths: SamplePaths;
  /** Runs the program in the repository; retries do not wait. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs it, and says what it printed if the exit code is another one. */
  expect(code: number, args: readonly string[], options?: RunOptions): Promise<Ran>;
  editConfig(change: (text: string) => string): Promise<void>;
  /** Changes who is in which role: `edit('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.eli'])`. */
  setRole(domain: string, role: string, members: readonly string[]): void;
  removeDomain(domain: string): void;
}

export async function openFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const repository = await makeRepository(options);
  const outside = await mkdtemp(join(tmpdir(), 'athenz-gitops-fixture-'));
  const sandbox = await openSandbox({ state: loadState(fileURLToPath(sampleState)) });
  const paths = await writeSample(sandbox, repository.dir, join(outside, 'certs'));
  const run: Fixture['run'] = (args, more = {}) => runMain(args, { cwd: repository.dir, env: gitEnv, clock, ...more });
  const fixture: Fixture = {
    ...repository,
    sandbox,
    paths,
    run,
    async expect(code, args, more) {
      const ran = await run(args, more);
      if (ran.code !== code)
        throw new Error(`${args.join(' ')}: ${ran.code} instead of ${code}\n${ran.out}\n${ran.err}`);
      return ran;
    },
    async editConfig(change) {
      await writeFile(paths.config, change(await readFile(paths.config, 'utf8')));
    },
    setRole: (domain, role, members) => sandbox.update((state) => withRole(state, domain, role, members)),
    removeDomain: (domain) => sandbox.update(({ domains: { [domain]: _, ...domains } }) => ({ domains })),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(outside, { recursive: true, force: true });
      await repository[Symbol.asyncDispose]();
    },
  };
  // Each connection costs a TLS handshake; a test of the order of requests sets its own.
  await fixture.editConfig((text) => text.replace('athenz:\n', 'athenz:\n  concurrency: 2\n'));
  // What a test provisions it says itself, and its roles may be others.
  await fixture.editConfig((text) => text.replace(/\n# What "athenz-gitops provision"[\s\S]*$/, ''));
  if (!options.cached) await fixture.editConfig((text) => text.replace(/^ {2}cache: .*$/m, '  cache: off'));
  if (options.config !== undefined) await fixture.editConfig(options.config);
  if (options.rendered) await (options.cached ? render(fixture) : renderOnce(fixture));
  if (!options.uncommitted) await fixture.commit({}, 'Namespaces');
  return fixture;
}

function render(fixture: Fixture): Promise<Ran> {
  return fixture.expect(0, ['render', '--quiet']);
}

/** What `render` has made of the sample in this process, by config: it is the same for each fixture. */
const rendered = new Map<string, Files>();

async function renderOnce(fixture: Fixture): Promise<void> {
  const config = withoutAddresses(await readFile(fixture.paths.config, 'utf8'));
  const known = rendered.get(config);
  if (known !== undefined) return fixture.write(known);
  const before = await filesOf(fixture.dir);
  await render(fixture);
  const after = await filesOf(fixture.dir);
  rendered.set(config, Object.fromEntries([...after].filter(([path]) => !before.has(path))));
}

/** A config without what is another one for each fixture, and leaves the rendered files as they are. */
function withoutAddresses(config: string): string {
  return config.replace(/^ +(zmsUrl|apiUrl|\w+Path|publicKeys|cache): .*$/gm, '').replace(/kubeconfig: "[^"]*"/g, '');
}

/** The text of each file of a work tree by path. */
async function filesOf(dir: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  const paths = files.map((file) => [relative(dir, file), file] as const).filter(([path]) => !path.startsWith('.git/'));
  return new Map(await Promise.all(paths.map(async ([path, file]) => [path, await readFile(file, 'utf8')] as const)));
}

/** The real time; a wait is over at once. */
const clock = { now: () => Date.now(), sleep: async () => {} };

/** As `clock`, some milliseconds ahead of it. */
export function clockAhead(milliseconds: number): typeof clock {
  return { ...clock, now: () => Date.now() + milliseconds };
}

/** What a reviewer does with a proposal. */
export function merge(dir: string, branch: string): void {
  gitIn(dir, 'merge', '--quiet', '--no-edit', branch);
}

function withRole(state: SandboxState, domain: string, role: string, members: readonly string[]): SandboxState {
  const { [domain]: old, ...rest } = state.domains;
  if (old === undefined) throw new Error(`the sample has no domain ${domain}`);
  const roles = { ...old.roles, [role]: { members: members.map((name) => ({ name })) } };
  return { domains: { ...rest, [domain]: { ...old, roles } } };
}
