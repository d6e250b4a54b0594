import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMap } from 'yaml';
import { noteRef } from '../git/base-refs.ts';
import { type Git, openGit } from '../git/git.ts';
import { AppError, exitCode } from '../model/error.ts';
import { maxYamlBytes, parseYaml } from '../model/yaml.ts';
import { painter } from '../report/paint.ts';
import { type Io, printText, useColor } from '../run/io.ts';
import { writeSample, writeSampleState } from '../sandbox/sample.ts';
import { startSandbox } from '../sandbox/server.ts';
import { runProvision } from './provision.ts';
import { runSync } from './sync.ts';

export interface DemoFlags {
  readonly keep?: boolean;
}

/** What the story needs; the same for each of its steps. */
interface Stage {
  readonly io: Io;
  readonly git: Git;
  readonly config: string;
  readonly state: string;
}

const branch = 'athenz-gitops/main/prod';

/**
 * `demo`: the whole job on sample data. An Athenz with teams and a repository with namespaces, which get their domains and
 * roles; the proposed change that says who gains what, a second one after people came and went, and a third run that finds
 * nothing to do.
 *
 * @returns the exit code: 0 when every step did what it says
 */
export async function runDemo(io: Io, flags: DemoFlags): Promise<number> {
  // Before there is anything to delete.
  const stop = io.stop();
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-demo-'));
  try {
    const state = join(dir, 'athenz.yaml');
    await writeSampleState(state);
    const sample = await readFile(state, 'utf8');
    await writeFile(state, withoutNamespaces(sample));
    await using sandbox = await startSandbox({ file: state });
    const repository = join(dir, 'gitops');
    await mkdir(repository);
    const { config } = await writeSample(sandbox, repository, join(dir, 'certs'));
    const stage: Stage = { io, git: openGit(repository, { ...io.env, ...reviewer }, { stop }), config, state };

    await begin(stage, sandbox.url);
    await provision(stage);
    await enterPeople(stage, sample);
    await merge(stage);
    await change(stage);
    await secondSync(stage);
    await merge(stage);
    await thirdSync(stage);
    const place = flags.keep ? `Everything is in ${dir}` : 'The folder was deleted; use --keep to keep it';
    say(io, `Done. ${place}.\nNext: run athenz-gitops sandbox to keep such an Athenz running and try things on it.\n`);
    return exitCode.done;
  } finally {
    if (!flags.keep) await rm(dir, { recursive: true, force: true });
  }
}

/** The person who merges; any name does. */
const reviewer = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'user.name',
  GIT_CONFIG_VALUE_0: 'Reviewer',
  GIT_CONFIG_KEY_1: 'user.email',
  GIT_CONFIG_VALUE_1: 'reviewer@example.com',
};

async function begin({ io, git, state }: Stage, url: string): Promise<void> {
  title(io, '1. An Athenz with teams, and a git repository with only namespaces');
  say(io, `A sandbox ZMS runs at ${url}; ${state} says who is in which group and role:\n`);
  const text = await readFile(state, 'utf8');
  say(io, indent(sectionOf(text, 'acme.org:', '# A platform team')));
  command(io, 'git init && git add . && git commit');
  await git.run('making a repository', 'init', '--quiet', '--initial-branch=main');
  await git.run('adding files', 'add', '.');
  await git.run('committing', 'commit', '--quiet', '--message=Namespaces of the cluster prod');
}

async function provision({ io, config }: Stage): Promise<void> {
  title(io, '2. Each namespace gets its Athenz domain and roles');
  command(io, 'athenz-gitops provision --apply');
  const code = await runProvision(io, { config, logLevel: 'warn', apply: true });
  if (code !== exitCode.done) throw new AppError('INTERNAL', `the demo's provision ended with exit code ${code}`);
}

/** As their administrators do in Athenz' own tools; here the state file says so. */
async function enterPeople(stage: Stage, sample: string): Promise<void> {
  const { io, state } = stage;
  title(io, '3. Teams add their members, and the first sync proposes their access');
  command(io, `edit ${state}`);
  await writeFile(state, sample);
  say(io, indent(sectionOf(sample, 'acme.eks.search:', 'acme.eks.checkout:')));
  await sync(stage);
}

/** The state as it is before anybody has thought of the namespaces. */
function withoutNamespaces(text: string): string {
  const { document } = parseYaml(text, { maxBytes: maxYamlBytes.config });
  const domains = document.get('domains');
  if (!isMap(domains)) throw new AppError('INTERNAL', 'the sample state has no domains');
  for (const name of Object.keys(domains.toJS(document))) if (name.startsWith('acme.eks.')) domains.delete(name);
  return document.toString({ flowCollectionPadding: false });
}

/** What the story changes in the state file: a member joins and leaves a group, is suspended, is added to a role. */
const edits: readonly (readonly [string, string])[] = [
  ['payments: [user.ada, user.bo, user.chen]', 'payments: [user.ada, user.chen, user.noor]'],
  ['sre: [user.hana, acme.org:group.infra]', 'sre: [{name: user.hana, suspended: true}, acme.org:group.infra]'],
  ['k8s_ns_admins: [user.dara]', 'k8s_ns_admins: [user.dara, user.eli]'],
];

async function change({ io, state }: Stage): Promise<void> {
  title(io, '4. Memberships change in Athenz');
  command(io, `edit ${state}`);
  let text = await readFile(state, 'utf8');
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new AppError('INTERNAL', `the sample state lacks "${from}"`);
    text = text.replace(from, to);
    say(io, `  - ${from}\n  + ${to}\n`);
  }
  await writeFile(state, text);
}

async function secondSync(stage: Stage): Promise<void> {
  title(stage.io, '5. The second sync proposes exactly these changes');
  await sync(stage);
  const { io, git } = stage;
  command(io, `git notes --ref=${noteRef(branch)} show ${branch}`);
  say(io, indent(await git.run('reading the proposal', 'notes', `--ref=${noteRef(branch)}`, 'show', branch)));
}

async function thirdSync(stage: Stage): Promise<void> {
  title(stage.io, '6. The third sync finds nothing to do');
  await sync(stage);
}

async function sync({ io, config }: Stage): Promise<void> {
  command(io, 'athenz-gitops sync');
  const code = await runSync(io, { config, logLevel: 'warn' });
  if (code !== exitCode.done) throw new AppError('INTERNAL', `the demo's sync ended with exit code ${code}`);
}

/** What a reviewer does on the forge; Argo CD or Flux would apply it now. */
async function merge({ io, git }: Stage): Promise<void> {
  command(io, `git merge ${branch}`);
  await git.run('merging', 'merge', '--quiet', '--no-edit', branch);
  say(io, indent(await git.run('listing', 'diff', '--stat', 'HEAD^', 'HEAD', '--', 'output')));
}

function title(io: Io, text: string): void {
  say(io, `\n${painter(useColor(io))('bold', text)}\n`);
}

function command(io: Io, text: string): void {
  say(io, `\n${painter(useColor(io))('cyan', `$ ${text}`)}\n`);
}

function say(io: Io, text: string): void {
  printText(io, text);
}

function indent(text: string): string {
  return `${text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n')}\n`;
}

function sectionOf(text: string, from: string, to: string): string {
  return text.slice(text.lastIndexOf('\n', text.indexOf(from)) + 1, text.lastIndexOf('\n', text.indexOf(to)));
}
