#!/usr/bin/env node
// Plain JavaScript, so that an older Node gets as far as saying what it lacks.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { isAbsolute, join } from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `athenz-gitops needs Node 22.19 or later; this is ${process.version}. In a clone, npx --no-install athenz-gitops uses the right one.`,
  );
  process.exitCode = 2;
} else {
  const cache = codeCache(process.env);
  if (cache !== undefined) nodeModule.enableCompileCache(cache);
  // A clone runs its sources as they are; the published package has them bundled with all that they need.
  const source = new URL('../src/commands/main.ts', import.meta.url);
  const bundled = new URL('../dist/main.js', import.meta.url);
  const { main } = await import((existsSync(source) ? source : bundled).href);
  process.exitCode = await main(process.argv.slice(2));
}

/**
 * Where Node may keep compiled code, which halves the time to start. Not in /tmp, Node's default, where others may have made
 * the folder; not beside the cache of documents, which CI restores and which is not trusted.
 */
function codeCache({ XDG_CACHE_HOME: xdg = '', HOME: home = '' }) {
  const caches = isAbsolute(xdg) ? xdg : isAbsolute(home) ? join(home, '.cache') : undefined;
  // Also not where another user could write, as with sudo.
  if (caches === undefined || statSync(caches, { throwIfNoEntry: false })?.uid !== process.getuid?.()) return undefined;
  const folder = join(caches, 'node-compile-cache');
  const own = join(folder, 'athenz-gitops');
  // Node would make them itself, and below /proc it would try without end.
  return makes(folder) && makes(own) ? own : undefined;
}

function makes(folder) {
  try {
    mkdirSync(folder);
  } catch {
    // It may be there already.
  }
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
