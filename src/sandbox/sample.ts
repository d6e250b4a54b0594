import { access, cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { makeFolder } from '../runtime/folder.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { type CredentialPaths, writeCredentials } from './files.ts';
import type { Sandbox } from './server.ts';

/** The sample company. */
const samples = new URL('templates/sandbox/', packageRoot);

/** The state file of the sample company. */
export const sampleState = new URL('athenz.yaml', samples);

/** What `writeSample` made, as paths. */
export interface SamplePaths {
  readonly config: string;
  readonly namespaces: string;
  readonly credentials: CredentialPaths;
}

/** Copies the sample state to a file, if there is none yet: an edited one is kept. */
export async function writeSampleState(file: string): Promise<void> {
  await makeFolder(dirname(file));
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (!exists) await cp(sampleState, file);
}

/**
 * Writes a repository's worth of sample: the config for a running sandbox, and the namespaces. The client's certificate
 * goes into a folder of its own, which is best kept out of git.
 *
 * @param dir the repository, or the folder of one to be
 * @param credentials folder for the certificate, key and CA
 */
export async function writeSample(sandbox: Sandbox, dir: string, credentials: string): Promise<SamplePaths> {
  const principal = 'acme.platform.gitops';
  const paths = await writeCredentials(sandbox, credentials, { principal });
  const config = join(dir, 'athenz-gitops.yaml');
  const namespaces = join(dir, 'clusters', 'prod', 'namespaces.yaml');
  await makeFolder(dirname(namespaces));
  await cp(new URL('namespaces.yaml', samples), namespaces);
  const sample = await readFile(new URL('athenz-gitops.yaml', samples), 'utf8');
  const here = relative(dir, credentials) || '.';
  await writeFile(
    config,
    sample.replace('https://localhost:4443/zms/v1', sandbox.url).replaceAll(/(?<=[ "])certs\//g, `${here}/`),
  );
  return { config, namespaces, credentials: paths };
}
