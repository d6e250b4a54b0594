import type { Git } from '../git/git.ts';
import { filesHolding } from '../git/search.ts';
import type { FileTree } from '../model/tree.ts';
import { maxYamlBytes, parseYaml } from '../model/yaml.ts';
import { readApplication } from './application.ts';
import type { Applier } from './applier.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { readFluxObjects } from './flux-objects.ts';

/** A manifest of one of the kinds begins a line with it; as in a List, or in a CustomResourceDefinition, it is not looked for. */
const wanted = /^kind:\s*["']?(Application|ApplicationSet|Kustomization|GitRepository)["']?\s*(#.*)?$/m;

/**
 * Everything in a commit that applies folders of a repository: one `git grep`, and only files that it finds are read. What cannot be
 * parsed, as a template of a chart, is left out.
 *
 * @param except folders that are not searched
 * @throws AppError `GIT_FAILED`
 */
export async function findAppliers(
  git: Git,
  commit: string,
  tree: FileTree,
  except: readonly string[],
): Promise<readonly Applier[]> {
  const words = ['argoproj.io/', 'kustomize.toolkit.fluxcd.io/', 'source.toolkit.fluxcd.io/'];
  const paths = await filesHolding(git, commit, words, { among: [':(top)*.yaml', ':(top)*.yml'], except });
  const files = paths.length === 0 ? [] : (await tree.list(paths)).filter(({ path }) => paths.includes(path));
  const contents = await tree.read(files.filter(({ mode }) => mode !== '120000'));
  const manifests = [...contents].flatMap(([file, content]) => manifestsIn(content).map((it) => [file, it] as const));
  return [...manifests.flatMap(([file, it]) => readApplication(file, it)), ...readFluxObjects(manifests)];
}

/** Each document is parsed by itself: what stands before and behind it, such as a long CustomResourceDefinition, is not. */
function manifestsIn(content: Uint8Array): readonly Fields[] {
  const texts = Buffer.from(content)
    .toString('utf8')
    .split(/^---(?=\s|$)/m);
  return texts
    .filter((text) => wanted.test(text))
    .flatMap((text) => {
      try {
        return [fieldsOf(parseYaml(text, { maxBytes: maxYamlBytes.config, mergeKeys: 'read' }).value)];
      } catch {
        return [];
      }
    });
}
