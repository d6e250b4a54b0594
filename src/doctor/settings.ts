import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cacheRoot } from '../athenz/cache-settings.ts';
import { loadTemplates } from '../generators/rbac/templates.ts';
import { branchPrefix } from '../git/base-refs.ts';
import { reasonOf } from '../model/error.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import { count } from '../model/text.ts';
import type { DoctorContext } from './context.ts';
import { checkDeployer } from './deployer.ts';
import { type Finding, findingOf, findingsOf, ok, warning } from './finding.ts';
import { checkFolders } from './folders.ts';
import { checkTemplates } from './templates.ts';

/** What a config may say and had better not, and the files it names. */
export async function checkSettings(context: DoctorContext): Promise<readonly Finding[]> {
  const { config } = context.workspace;
  return [
    ...checkLimits(context),
    ...(await findingsOf('templates', async () => {
      const templates = await loadTemplates(config.output.templates, context.tree);
      return [ok('templates', config.output.templates ?? "the package's own"), ...checkTemplates(templates)];
    })),
    ...checkDeployer(config),
    ...context.inventory.map(checkNamespaces),
    ...checkFolders(context),
    await findingOf('cache', () => checkCache(context)),
  ];
}

function checkLimits({ workspace }: DoctorContext): readonly Finding[] {
  const { limits, clusters } = workspace.config;
  const findings: Finding[] = [];
  if (limits.maxRemovedGrants === null) {
    const fix = 'remove maxRemovedGrants: null, or set percent and floor';
    findings.push(warning('limits', 'limits.maxRemovedGrants is off: no number of removals needs approval', fix));
  }
  if (limits.neverEmpty.length === 0) {
    const example = clusters[0]?.roles[0]?.athenzRole ?? 'k8s_ns_admins';
    const message = 'limits.neverEmpty is empty: any role may lose its last member without approval';
    findings.push(
      warning('limits', message, `list the roles that must keep a member, such as neverEmpty: [${example}]`),
    );
  }
  if (findings.length === 0 && limits.maxRemovedGrants !== null) {
    const { percent, floor } = limits.maxRemovedGrants;
    findings.push(
      ok('limits', `${percent} % of a cluster's grants (from ${floor}); never empty: ${limits.neverEmpty.join(', ')}`),
    );
  }
  const refs = `${branchPrefix}/** and refs/notes/${branchPrefix}/**`;
  const message = `they do not stop people who can push to ${refs}: restrict that access`;
  return [...findings, ok('limits', message)];
}

function checkNamespaces({ cluster, namespaces, excluded, problems }: ClusterInventory): Finding {
  const left = excluded.length === 0 ? '' : `, and ${excluded.length} that are excluded`;
  const found = `${cluster}: ${count(namespaces.length, 'namespace')}${left}`;
  const [problem] = problems;
  if (problem !== undefined) {
    const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
    const message = `${found}; ${problem.message}${more}; until it is fixed, no namespace of it is removed`;
    return warning('namespaces', message, problem.next ?? 'correct the file');
  }
  if (namespaces.length > 0) return ok('namespaces', found);
  const fix = 'correct clusters[].namespaces.files, or take names out of exclude';
  return warning('namespaces', `${found}: nothing is rendered for it`, fix);
}

async function checkCache({ workspace, io }: DoctorContext): Promise<Finding> {
  const root = cacheRoot(workspace.config.athenz.cache, io.env);
  if (root === undefined) {
    const fix = 'set athenz.cache to a folder that is kept between runs';
    return warning('cache', 'off: every run reads every document', fix);
  }
  try {
    await accessNearest(root);
    return ok('cache', root);
  } catch (thrown) {
    const message = `${root} cannot be written: ${reasonOf(thrown)}; every run reads every document`;
    return warning('cache', message, 'set athenz.cache to a folder that this user may write');
  }
}

/** procfs and sysfs, by statfs(2). */
const kernelFiles: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/** The folder itself, or where it would be made. @throws what says why it cannot be written */
async function accessNearest(folder: string): Promise<void> {
  const found = await stat(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' && dirname(folder) !== folder) return undefined;
    throw thrown;
  });
  if (found === undefined) return accessNearest(dirname(folder));
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  await access(folder, constants.W_OK | constants.X_OK);
  // Its modes let root write, the file system does not.
  if (kernelFiles.has((await statfs(folder)).type)) throw new Error(`cannot create a folder in ${folder}`);
}
