import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { configKeys } from '../../src/core/generator.ts';
import { generators } from '../../src/generators/list.ts';
import { sampleState, writeSample } from '../../src/sandbox/sample.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { generatedPages } from './docs/pages.ts';
import { driftJsonSchema } from './drift-schema.ts';
import { importJsonSchema } from './import-schema.ts';
import { generatedPictures } from './pictures/pictures.ts';
import { provisionJsonSchema } from './provision-schema.ts';
import { runMain } from './run.ts';
import { runResultJsonSchema } from './run-result-schema.ts';

/** The root of this repository. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Every generated file of the repository as it should be, by path: schemas, the rendered sample, pages and pictures of the docs, a PrometheusRule. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [name, schema] of [
    ['athenz-gitops', configJsonSchema(configKeys(generators))],
    ['run-result', runResultJsonSchema()],
    ['provision-result', provisionJsonSchema()],
    ['drift-result', driftJsonSchema()],
    ['import-result', importJsonSchema()],
  ] as const) {
    files.set(`schemas/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
  for (const [path, text] of await renderSample()) files.set(path, text);
  for (const [path, text] of await generatedPages(projectRoot)) files.set(path, text);
  for (const [path, text] of await generatedPictures()) files.set(path, text);
  files.set(
    prometheusRule,
    prometheusRuleOf(await readFile(join(projectRoot, 'deploy/prometheus/rules.yaml'), 'utf8')),
  );
  return files;
}

export const prometheusRule = 'deploy/prometheusrule.yaml';

/** The file of rules as an object of the Prometheus operator. */
function prometheusRuleOf(rules: string): string {
  const groups = rules.slice(rules.indexOf('groups:\n')).replaceAll(/^(?=.)/gm, '  ');
  return `# The alerts of prometheus/rules.yaml, from which this file is made (npm run generate), for the Prometheus operator. If its
# ruleSelector asks for labels, add them in the kustomization.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: athenz-gitops
  namespace: athenz-gitops
spec:
${groups}`;
}

async function renderSample(): Promise<ReadonlyMap<string, string>> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-sample-'));
  try {
    const repository = join(dir, 'repository');
    await mkdir(repository);
    await cp(fileURLToPath(sampleState), join(dir, 'athenz.yaml'));
    await using sandbox = await startSandbox({ file: join(dir, 'athenz.yaml') });
    await writeSample(sandbox, repository, join(dir, 'certs'));
    const { code, err } = await runMain(['render', '--quiet'], { cwd: repository });
    if (code !== 0) throw new Error(`rendering the sample ended with ${code}: ${err}`);
    return await readFiles(repository, 'output');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** All files below a folder, by path from `root` with `/`. */
export async function readFiles(dir: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.sort().map(async (file) => [path(dir, file), await readFile(file, 'utf8')] as const),
  );
  return new Map(texts);
}

function path(dir: string, file: string): string {
  return relative(dir, file).split(sep).join('/');
}
