import { join } from 'node:path';
import type { RenderedRole } from '../../../src/model/manifest.ts';
import { openAcmePlace, recording } from '../../support/acme-fixture.ts';
import { projectRoot, readFiles } from '../../support/generated.ts';
import { serveRecording } from '../../support/recording.ts';
import { rendered } from '../../support/rendered.ts';

/** Everything that was rendered for one company. */
export interface Company extends AsyncDisposable {
  /** Folder of the manifests. */
  readonly dir: string;
  /** What they say, read back. */
  readonly roles: readonly RenderedRole[];
  readonly namespaces: readonly string[];
}

/** The sample that is committed. */
export async function openSample(): Promise<Company> {
  return await companyOf(join(projectRoot, 'output/prod'), async () => {});
}

/** The company recorded on a real ZMS, rendered now. */
export async function openAcme(): Promise<Company> {
  await using zms = await serveRecording();
  const place = await openAcmePlace({ zms });
  const { code, err } = await place.run('render');
  if (code !== 0) throw new Error(`rendering the recording ended with ${code}: ${err}`);
  const company = await companyOf(join(place.dir, 'output'), async () => place[Symbol.asyncDispose]());
  if (company.namespaces.length !== recording.namespaces.length) throw new Error('a namespace was not rendered');
  return company;
}

export const companies = [
  ['the committed output', openSample],
  ['the recorded company', openAcme],
] as const;

async function companyOf(dir: string, dispose: () => Promise<void>): Promise<Company> {
  const roles = rendered(await readFiles(dir, '.'));
  const namespaces = [...new Set(roles.map(({ namespace }) => namespace))];
  return { dir, roles, namespaces, [Symbol.asyncDispose]: dispose };
}
