import { join } from 'node:path';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { normaliseState } from '../../src/sandbox/state.ts';
import { type AthenzKeys, domainsOf } from './fleet.ts';

/** A fleet in Athenz, and what a config says of how it is reached. */
export interface BenchAthenz {
  readonly sandbox: Sandbox;
  /** Of the client's certificate, and more. */
  readonly certs: string;
  /** Of the documents. */
  readonly cache: string;
  readonly athenz: AthenzKeys;
}

/** @param dir an empty folder @param amount namespaces */
export async function openAthenz(dir: string, amount: number): Promise<BenchAthenz> {
  const sandbox = await startSandbox({ state: normaliseState({ domains: domainsOf(amount) }) });
  const [certs, cache] = [join(dir, 'certs'), join(dir, 'cache')];
  const { caPath, certPath, keyPath, publicKeyPath } = await writeCredentials(sandbox, certs, {
    principal: 'acme.gitops',
  });
  const athenz = { zmsUrl: sandbox.url, caPath, certPath, keyPath, publicKeys: { '0': publicKeyPath }, cache };
  return { sandbox, certs, cache, athenz };
}
