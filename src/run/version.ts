import { readFileSync } from 'node:fs';
import { packageRoot } from '../runtime/package-root.ts';

/** The version of this program, as its package says. */
export function programVersion(): string {
  return readPackage().version;
}

/** Where this program is developed on GitHub, `owner/name`, as its package says; undefined where it does not. */
export function programRepository(): string | undefined {
  const { repository } = readPackage();
  const text = typeof repository === 'string' ? repository : repository?.url;
  return /^(?:github:|(?:git\+)?https:\/\/github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(text ?? '')?.[1];
}

interface Package {
  readonly version: string;
  readonly repository?: string | { readonly url: string };
}

function readPackage(): Package {
  return JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as Package;
}
