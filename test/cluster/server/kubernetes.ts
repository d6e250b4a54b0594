import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { complete, output } from './program.ts';
import { SetupError } from './setup-error.ts';

const folder = fileURLToPath(new URL('../kubernetes/', import.meta.url));

/** The programs of test/cluster/kubernetes. */
export type KubernetesProgram = 'kube-apiserver' | 'kubectl';

export interface BuildOptions {
  /** For logs, and for what Go writes while it builds. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

/** A program, and whether it had to be built now. */
export interface Built {
  readonly path: string;
  readonly made: boolean;
}

/** Builds a program of Kubernetes from its Go module, once for each change of that, of Go and of the platform. */
export async function buildKubernetes(name: KubernetesProgram, { dir, signal }: BuildOptions): Promise<Built> {
  const sources = ['go.mod', 'go.sum', `cmd/${name}/main.go`];
  const texts = await Promise.all(sources.map((file) => readFile(join(folder, file), 'utf8')));
  const go = await goVersion(signal);
  const key = createHash('sha256')
    .update([...texts, go].join('\0'))
    .digest('hex')
    .slice(0, 16);
  // Said to clients; without it the server is v0.0.0.
  const version = /^\tk8s\.io\/kubernetes (\S+)$/m.exec(texts[0] ?? '')?.[1];
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
  const { dir: made, ...rest } = await cached(`${name}-${key}`, (into) =>
    complete(
      'go',
      ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', `-ldflags=${flags}`, '-o', into, `./cmd/${name}`],
      {
        cwd: folder,
        env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: dir },
        log: join(dir, `build-${name}.log`),
        signal,
      },
    ),
  );
  return { path: join(made, name), ...rest };
}

async function goVersion(signal: AbortSignal): Promise<string> {
  try {
    return await output('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: folder, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new SetupError(
      `kube-apiserver and kubectl are built by Go, 1.26 or newer: install it from https://go.dev/dl (${(error as Error).message})`,
    );
  }
}
