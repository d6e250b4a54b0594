import { createRequire } from 'node:module';
import { join } from 'node:path';
import { namespaceAt, objectsOf } from '../fleet.ts';

// The same objects as cdk8s charts, one a namespace, each in a folder of its own.

interface Cdk8s {
  readonly App: new (options: object) => { synth(): void };
  readonly Chart: new (scope: object, id: string) => object;
  readonly ApiObject: new (scope: object, id: string, object: object) => object;
  readonly YamlOutputType: Readonly<Record<'FOLDER_PER_CHART_FILE_PER_RESOURCE', unknown>>;
}

const [amount = '', outdir = '', packages = ''] = process.argv.slice(2);
const { App, Chart, ApiObject, YamlOutputType } = createRequire(join(packages, 'package.json'))('cdk8s') as Cdk8s;
const app = new App({ outdir, yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
for (let at = 0; at < Number(amount); at++) {
  const chart = new Chart(app, namespaceAt(at));
  for (const [index, object] of objectsOf(at).entries()) new ApiObject(chart, `${index}`, object);
}
app.synth();
