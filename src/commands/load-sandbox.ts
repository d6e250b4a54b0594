import { readFileSync } from 'node:fs';
import { AppError } from '../model/error.ts';
import { programVersion } from '../run/version.ts';

/** What `sandbox` and `demo` use. */
type SandboxPackage = typeof import('../sandbox/package.ts');

const name = 'athenz-gitops-sandbox';

/**
 * Loads the in-process ZMS. A clone has it among its sources; installed, it is a package of its own, which production does without.
 *
 * @throws AppError `SANDBOX_MISSING` where that package is not installed, or is of another version
 */
export async function loadSandbox(): Promise<SandboxPackage> {
  if (import.meta.filename.endsWith('.ts')) {
    // A development dependency of the clone.
    if (isInstalled('@peculiar/x509')) return import('../sandbox/package.ts');
    throw new AppError('SANDBOX_MISSING', 'the sandbox needs the development dependencies of this clone', {
      next: 'run npm ci, without --omit=dev',
    });
  }
  const version = programVersion();
  const next = `install the package of the same release beside this one: npm install ./${name}-${version}.tgz (with --global if this is global)`;
  if (!isInstalled(name)) {
    throw new AppError('SANDBOX_MISSING', `the sandbox is a package of its own, ${name}, and it is not installed`, {
      next,
    });
  }
  const found = versionOf(name);
  if (found !== version) {
    throw new AppError('SANDBOX_MISSING', `${name} is ${found}, but this is athenz-gitops ${version}`, { next });
  }
  return import(name);
}

function isInstalled(specifier: string): boolean {
  try {
    import.meta.resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

function versionOf(specifier: string): string {
  const file = new URL(import.meta.resolve(`${specifier}/package.json`));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
