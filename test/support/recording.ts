import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../../src/sandbox/authority.ts';

/** The recording of a company on a real ZMS. */
export const acme = fileURLToPath(new URL('../data/acme/', import.meta.url));

export interface RecordedServer {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly requests: readonly string[];
  /** Folder with `ca.crt`, `client.crt`, `client.key`. */
  writeCredentials(dir: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves the recording's own bytes over HTTPS, to anybody with a client certificate. */
export async function serveRecording(
  change: (path: string, body: string) => string = (_, body) => body,
): Promise<RecordedServer> {
  const authority = await createAuthority();
  const bodies = new Map<string, string>();
  const read = async (file: string) => await readFile(join(acme, file), 'utf8');
  bodies.set('/zms/v1/sys/modified_domains?metaonly=true', await read('modified_domains.json'));
  bodies.set('/zms/v1/domain/sys.auth/service/zms/publickey/0', await read('publickey-0.json'));
  for (const file of await readdir(join(acme, 'signed'))) {
    const domain = file.replace(/\.json$/, '');
    bodies.set(`/zms/v1/domain/${domain}/signed?signaturep1363format=true`, await read(`signed/${file}`));
  }
  const requests: string[] = [];
  const server = createServer(
    { ...authority.serverPem, ca: authority.caPem, requestCert: true },
    (request, response) => {
      const path = request.url ?? '';
      requests.push(path);
      const body = bodies.get(path);
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(body === undefined ? '{"code":404,"message":"not recorded"}' : change(path, body));
    },
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/zms/v1`,
    requests,
    async writeCredentials(dir) {
      const { cert, key } = await authority.issue({ principal: 'acme.platform.gitops' });
      await writeFile(join(dir, 'ca.crt'), authority.caPem);
      await writeFile(join(dir, 'client.crt'), cert);
      await writeFile(join(dir, 'client.key'), key);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
