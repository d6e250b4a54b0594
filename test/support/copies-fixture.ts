import { configMap, syncFile } from './copies.ts';
import { type Fixture, openFixture } from './fixture.ts';

/** The source of the ObjectSync `ca`. */
export const caBundle = { group: '', kind: 'ConfigMap', name: 'ca-bundle' };

/** A fixture that copies a ConfigMap `ca-bundle` to all six namespaces of the sample; nothing is proposed yet. */
export async function openCopies(files: Readonly<Record<string, string>> = {}): Promise<Fixture> {
  const fixture = await openFixture({ rendered: true });
  await fixture.editConfig((text) => `${text}\ncopies: {}\n`);
  await fixture.commit(
    {
      'sources/ca.yaml': configMap('ca-bundle', 'default', { 'ca.crt': 'one\n' }),
      'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespace: '*' }]),
      ...files,
    },
    'Copies',
  );
  return fixture;
}
