import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteRef } from '../git/base-refs.ts';
import { type Git, openGit } from '../git/git.ts';
import { AppError, exitCode } from '../model/error.ts';
import { painter } from '../report/paint.ts';
import type { Io } from '../run/io.ts';
import { printText, useColor } from '../run/terminal.ts';
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
 * `demo`: the whole job on sample data. An Athenz with teams and a repository with namespaces; the proposed change that says who
 * gains what, and one of its manifests, a second change after people came and went, a third run that finds nothing to do, and
 * domain and roles for a namespace that has none.
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
    await using sandbox = await startSandbox({ file: state });
    const repository = join(dir, 'gitops');
    await mkdir(repository);
    const { config } = await writeSample(sandbox, repository, join(dir, 'certs'));
    const stage: Stage = { io, git: openGit(repository, { ...io.env, ...reviewer }, { stop }), config, state };

    await begin(stage, sandbox.url);
    await firstSync(stage);
    await merge(stage);
    await change(stage);
    await secondSync(stage);
    await merge(stage);
    await thirdSync(stage);
    await provision(stage);
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

async function firstSync(stage: Stage): Promise<void> {
  title(stage.io, '2. The first sync proposes what Athenz grants');
  await sync(stage);
  const { io, git } = stage;
  const file = `${branch}:output/prod/search/rbac.yaml`;
  head(io, `git show ${file}`, 32, await git.run('reading a manifest', 'show', file));
}

/** What the story changes in the state file: a member joins and leaves a group, is suspended, is added to a role. */
const edits: readonly (readonly [string, string])[] = [
  ['payments: [user.ada, user.bo, user.chen]', 'payments: [user.ada, user.chen, user.noor]'],
  ['sre: [user.hana, acme.org:group.infra]', 'sre: [{name: user.hana, suspended: true}, acme.org:group.infra]'],
  ['k8s_ns_admins: [user.dara]', 'k8s_ns_admins: [user.dara, user.eli]'],
];

async function change({ io, state }: Stage): Promise<void> {
  title(io, '3. Memberships change in Athenz');
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
  title(stage.io, '4. The second sync proposes exactly these changes');
  await sync(stage);
  const { io, git } = stage;
  const note = await git.run('reading the proposal', 'notes', `--ref=${noteRef(branch)}`, 'show', branch);
  // What is folded in a pull request is left out.
  const shown = note.slice(0, note.indexOf('<details>')).trimEnd().split('\n').length;
  head(io, `git notes --ref=${noteRef(branch)} show ${branch}`, shown, note);
}

async function thirdSync(stage: Stage): Promise<void> {
  title(stage.io, '5. The third sync finds nothing to do');
  await sync(stage);
}

/** One namespace has no domain yet, so no access to it can be granted. */
async function provision({ io, config }: Stage): Promise<void> {
  title(io, '6. The new namespace gets its Athenz domain and roles');
  command(io, 'athenz-gitops provision --apply');
  const code = await runProvision(io, { config, logLevel: 'warn', apply: true });
  if (code !== exitCode.done) throw new AppError('INTERNAL', `the demo's provision ended with exit code ${code}`);
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

/** The beginning of what a command prints. */
function head(io: Io, text: string, lines: number, output: string): void {
  command(io, `${text} | head -n ${lines}`);
  say(io, indent(output.split('\n').slice(0, lines).join('\n')));
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
