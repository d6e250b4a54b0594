import { relative } from 'node:path';
import type { Converted } from '../config/convert.ts';
import type { Config } from '../config/types.ts';
import { workTree } from '../git/work-tree.ts';
import { readInventory } from '../inventory/inventory.ts';
import { count } from '../model/text.ts';
import { visible } from '../report/visible.ts';
import type { Io } from '../run/io.ts';
import type { Workspace } from '../run/workspace.ts';
import { isThere } from './config-file.ts';

interface Shown {
  /** The config file, as the person named it. */
  readonly config: string;
  readonly from?: string;
}

/** What was written, what a person has to know about it, and what comes next. */
export async function describeConfig(
  io: Io,
  { config: file, from }: Shown,
  workspace: Workspace,
  { lost, different }: Pick<Converted, 'lost' | 'different'>,
): Promise<string> {
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
    ...(await lackingFiles(io, config.athenz)),
    ...(repository === undefined ? ['Plan and sync need a git repository: run git init.'] : []),
    ...(from === undefined ? [] : ['Stop the operator before the first merge, or both write the same objects.']),
  ];
  const where = file === 'athenz-gitops.yaml' ? '' : ` --config ${file}`;
  return [
    `Wrote ${visible(file)}: ${facts.join(', ')}.\n`,
    section('Not carried over', lost),
    section('Changed behavior', different),
    section('To review', open),
    `\nNext: run athenz-gitops render${visible(where)}, then git status\n`,
  ].join('');
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function section(title: string, notes: readonly string[]): string {
  if (notes.length === 0) return '';
  return `\n${title}:\n${notes.map((note) => `- ${visible(note, 500)}\n`).join('')}`;
}

/** What the client's identity lacks. */
async function lackingFiles(io: Io, { certPath, keyPath, caPath }: Config['athenz']): Promise<readonly string[]> {
  const notes: string[] = [];
  if (certPath === null && !(io.env['ATHENZ_CERT'] && io.env['ATHENZ_KEY'])) {
    notes.push('Set ATHENZ_CERT and ATHENZ_KEY to the PEM text of the client certificate and its key.');
  }
  for (const path of [certPath, keyPath, caPath]) {
    if (path !== null && !(await isThere(path))) notes.push(`${relative(io.cwd, path)} does not exist yet.`);
  }
  return notes;
}
