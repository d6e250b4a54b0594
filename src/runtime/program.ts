import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

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

function digestFiles(): string {
  const hash = createHash('sha256').update(process.version);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|js)$/.test(file));
  for (const file of ['../package.json', ...files.sort()])
    hash.update(`\0${file}\0`).update(readFileSync(`${root}${file}`));
  return hash.digest('base64url');
}
