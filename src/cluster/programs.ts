import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { User } from '@kubernetes/client-node';

/**
 * The program that signing in as a user starts: an `exec` plugin, or the `cmd-path` of an `auth-provider` (`azure`, `gcp`).
 * Others of the library's providers (`oidc`, `tokenFile`) start none.
 *
 * @returns how the kubeconfig has it, `exec: ./sign-in`; undefined where there is none
 */
export function programOf({ exec, authProvider }: User): string | undefined {
  const config: unknown = authProvider?.config;
  const plugin: unknown = exec || fieldOf(config, 'exec');
  if (plugin || authProvider?.name === 'exec') return `exec: ${String(fieldOf(plugin, 'command'))}`;
  const command = fieldOf(config, 'cmd-path');
  return command ? `auth-provider: cmd-path: ${String(command)}` : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Whether a file that exists is below a folder, wherever links on the way to either lead. */
export function isInside(file: string, folder: string): boolean {
  const path = relative(realpathSync.native(folder), realpathSync.native(file));
  return !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`);
}
