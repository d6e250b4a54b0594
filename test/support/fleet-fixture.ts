import { type Fixture, openFixture } from './fixture.ts';
import { at, clusterFile, moduleFile } from './fleet.ts';

/** A fixture with a fleet of three clusters and two modules; nothing is proposed yet. @param config below `fleet` */
export async function openFleet(files: Readonly<Record<string, string>> = {}, config = '{}'): Promise<Fixture> {
  const fixture = await openFixture({ rendered: true });
  await fixture.editConfig((text) => `${text}\nfleet: ${config}\n`);
  await fixture.commit(
    {
      [at.cluster('eu-1')]: clusterFile('eu-1', ['istio', 'keda']),
      [at.cluster('eu-2')]: clusterFile('eu-2', ['istio', 'keda'], { channel: 'fast' }),
      [at.cluster('us-1')]: clusterFile('us-1', ['istio', { name: 'keda', channel: 'fast' }]),
      [at.module('istio')]: moduleFile('istio', { regular: '1.24.0', fast: '1.24.0' }),
      [at.module('keda')]: moduleFile('keda', { regular: '2.0.3', fast: '2.1.0' }),
      ...files,
    },
    'Fleet',
  );
  return fixture;
}
