import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Converted } from '../config/convert.ts';
import { workTree } from '../git/work-tree.ts';
import { readInventory } from '../inventory/inventory.ts';
import { defaultConfigName } from '../model/owner.ts';
import { count, sentence, shellWord } from '../model/text.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import type { Workspace } from '../run/workspace.ts';
import type { Answers } from './answers.ts';
import type { SetupFile } from './files.ts';
import { appIdVariable, secretsOf, type WorkflowName } from './workflow-answers.ts';
import { workflowPath } from './workflow-file.ts';

/** What a setup wrote, or would write. */
interface Shown {
  /** The config file, as the person named it. */
  readonly config: string;
  readonly from?: string;
  readonly dryRun: boolean;
  readonly answers: Answers;
  readonly workspace: Workspace;
  readonly made: Pick<Converted, 'lost' | 'different'>;
  readonly files: readonly SetupFile[];
  /** What the checks found, as text. */
  readonly checks: string;
}

/** What stands at the top of the config. */
export function headingOf({ from }: { readonly from?: string }): readonly string[] {
  const keys = 'Every key is described in docs/reference/config.md of athenz-gitops; paths are relative to this file.';
  if (from === undefined) return ['Which Athenz roles become which access to Kubernetes.', keys];
  return [`Converted from ${visible(basename(from))} of an in-cluster operator, whose objects it renders.`, keys];
}

/** What was written, what a person has to know about it, and what comes next. */
export async function describeSetup(io: Io, shown: Shown): Promise<string> {
  const { config: file, from, dryRun, answers, workspace, made, files, checks } = shown;
  const { config, root, repository } = workspace;
  const [inventory] = await readInventory(config.clusters, workTree(root, 'sha1'));
  const [cluster] = config.clusters;
  const facts = [
    `cluster ${cluster?.name}`,
    count(cluster?.roles.length ?? 0, 'role'),
    count(inventory?.namespaces.length ?? 0, 'namespace'),
  ];
  const excluded = inventory?.excluded ?? [];
  const open = [
    ...(inventory?.problems ?? []).map(({ message }) => sentence(message)),
    ...(excluded.length === 0 ? [] : [`Excluded namespaces: ${excluded.map(({ name }) => name).join(', ')}.`]),
    ...(repository === undefined ? ['Plan and sync need a git repository: run git init.'] : []),
    ...(from === undefined ? [] : ['Stop the operator before the first merge, or both write the same objects.']),
    ...toDo(answers, files),
  ];
  const where = isFound(io, file) ? '' : ` --config ${shellWord(file)}`;
  const commands = ['doctor', 'plan'].map((command) => `  athenz-gitops ${command}${visible(where)}\n`);
  return [
    `${dryRun ? 'Would write' : 'Wrote'} ${visible(file)}: ${facts.join(', ')}.\n`,
    ...files.map((it) => `${fileLine(it, dryRun)}\n`),
    checks === '' ? '' : `\n${checks}`,
    section('Not carried over', made.lost),
    section('Changed behavior', made.different),
    section('To do', open),
    dryRun ? '\nNothing was written: run again without --dry-run.\n' : `\nNext:\n${commands.join('')}`,
  ].join('');
}

/** What was written beside a config, or would be, and what is left to do for it. */
export function describeFiles(files: readonly SetupFile[], answers: Answers, dryRun: boolean): string {
  const lines = files.map((it) => `${fileLine(it, dryRun)}\n`).join('');
  return `${lines}${section('To do', toDo(answers, files))}`;
}

function fileLine({ path, change, about }: SetupFile, dryRun: boolean): string {
  const name = visible(path);
  switch (change) {
    case 'new':
      return `${dryRun ? 'Would write' : 'Wrote'} ${name}: ${visible(about, 500)}.`;
    case 'replaced':
      return `${dryRun ? 'Would replace' : 'Replaced'} ${name}: ${visible(about, 500)}.`;
    case 'added to':
      return `${dryRun ? 'Would add to' : 'Added to'} ${name}: ${visible(about, 500)}.`;
    case 'same':
      return `Unchanged: ${name}.`;
  }
}

/** What GitHub needs, and only a person can give it. */
function toDo({ forge, auth, secret = [], environment }: Answers, files: readonly SetupFile[]): readonly string[] {
  const uses = (name: string) => files.some(({ text }) => text.includes(name));
  if (forge !== 'github' || !files.some(({ path }) => path.startsWith('.github/workflows/'))) return [];
  const secrets = [...new Set(Object.values(secretsOf(secret)).filter((name) => uses(`secrets.${name} `)))];
  const place = environment === undefined ? '' : ` of the environment ${environment}`;
  const names = `the ${secrets.length === 1 ? 'secret' : 'secrets'} ${secrets.join(', ')}${place}`;
  const written = (name: WorkflowName) => files.some(({ path }) => path === workflowPath(name));
  return [
    ...(secrets.length === 0 ? [] : [`Set ${names} (gh secret set NAME < FILE).`]),
    ...(uses(`vars.${appIdVariable} `) ? [`Set the variable ${appIdVariable} to the id of the GitHub App.`] : []),
    ...(auth === 'token' && written('sync')
      ? ['Let GitHub Actions create pull requests, in the settings of the repository.']
      : []),
    `Commit the files to the default branch, where GitHub reads schedules${written('guard') ? ', and require the check of athenz-gitops guard' : ''}.`,
  ];
}

/** Whether commands find the config without being told where it is. */
function isFound({ cwd }: Pick<Io, 'cwd'>, file: string): boolean {
  const path = resolve(cwd, file);
  const up = relative(dirname(path), cwd);
  return basename(path) === defaultConfigName && !isAbsolute(up) && up.split(sep)[0] !== '..';
}

function section(title: string, notes: readonly string[]): string {
  if (notes.length === 0) return '';
  return `\n${title}:\n${notes.map((note) => `- ${visible(note, 500)}\n`).join('')}`;
}
