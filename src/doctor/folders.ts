import { compileLayout } from '../model/layout.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, warning } from './finding.ts';

/** Entries of a folder from which on GitHub cuts its listing short, and git rewrites much for one change. */
const most = 3000;

/** Folders that `output.path` fills with more entries than people and git handle well; one finding each. */
export function checkFolders({
  workspace,
  inventory,
}: Pick<DoctorContext, 'workspace' | 'inventory'>): readonly Finding[] {
  const { clusters, output } = workspace.config;
  const layout = compileLayout(output.path);
  const children = new Map<string, Set<string>>();
  for (const { cluster, namespaces } of inventory) {
    const roles = clusters.find(({ name }) => name === cluster)?.roles ?? [];
    // Without {role} in the path, all roles of a namespace are in one file.
    const shown = layout.perRole ? roles : roles.slice(0, 1);
    for (const { name } of namespaces) {
      for (const { athenzRole } of shown)
        addPath(children, layout.pathOf({ cluster, namespace: name, role: athenzRole }));
    }
  }
  return [...children]
    .filter(([, names]) => names.size > most)
    .map(([folder, names]) => {
      const message = `${folder} has ${names.size} entries: GitHub lists a part of them, and git is slow`;
      return warning('folders', message, `use {shard} in output.path, such as ${sharded(output.path)}`);
    });
}

function addPath(children: Map<string, Set<string>>, path: string): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end);
    const known = children.get(folder) ?? new Set();
    children.set(folder, known);
    const name = path.slice(end + 1).split('/', 1)[0] ?? '';
    if (known.has(name)) return;
    known.add(name);
  }
}

/** With a folder of its own for each shard before the namespace. */
function sharded(path: string): string {
  return path.replace('{namespace}', '{shard}/{namespace}');
}
