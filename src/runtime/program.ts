import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageRoot } from './package-root.ts';

/**
 * The digest of the program's own files, of its dependencies as it asks for them, and of the Node it runs on: what another program
 * has worked out may be something else. Undefined where they cannot be read.
 */
export function programDigest(): string | undefined {
  try {
    return digestFiles();
  } catch {
    return undefined;
  }
}

/** Its sources, or the bundle of them: the names of its parts say what is in them, but for the one that all begins with. */
function digestFiles(): string {
  const root = fileURLToPath(packageRoot);
  const folder = import.meta.filename.endsWith('.ts') ? 'src/' : 'dist/';
  const files = readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(ts|js)$/.test(file),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of ['package.json', ...files.sort().map((file) => `${folder}${file}`)]) {
    hash.update(`\0${file}\0`);
    if (!/-[A-Z0-9]{8}\.js$/.test(file)) hash.update(readFileSync(`${root}${file}`));
  }
  return hash.digest('base64url');
}
