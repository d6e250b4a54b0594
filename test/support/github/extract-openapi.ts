import { readFile, writeFile } from 'node:fs/promises';
import { isObject, type Json, type JsonObject } from './json.ts';
import { openApiFile } from './openapi.ts';
import { routes } from './routes.ts';

/**
 * Writes test/data/github/openapi.json: of GitHub's whole description, what the stand-in serves.
 *
 *     cd "$(mktemp -d)" && npm install @octokit/openapi
 *     node test/support/github/extract-openapi.ts …/node_modules/@octokit/openapi/generated/api.github.com.json
 */
async function extract(from: string): Promise<void> {
  const source = JSON.parse(await readFile(from, 'utf8')) as JsonObject;
  const paths: Record<string, JsonObject> = {};
  for (const operation of Object.keys(routes).sort()) {
    const [method = '', path = ''] = operation.split(' ');
    const described = at(source, ['paths', path, method.toLowerCase()]);
    if (!isObject(described)) throw new Error(`GitHub has no ${operation}`);
    paths[path] = { ...paths[path], [method.toLowerCase()]: lean(described) };
  }
  const components: Record<string, Record<string, Json>> = {};
  collect(source, paths, components);
  const lines = [
    `"openapi":${JSON.stringify(source['openapi'])},`,
    `"info":${JSON.stringify(lean(source['info']))},`,
    `"paths":{\n${entries(paths)}\n},`,
    `"components":{\n${Object.keys(components)
      .sort()
      .map((kind) => `"${kind}":{\n${entries(components[kind] ?? {})}\n}`)
      .join(',\n')}\n}`,
  ];
  await writeFile(openApiFile, `{\n${lines.join('\n')}\n}\n`);
}

/** Follows references until nothing new turns up. */
function collect(source: JsonObject, from: Json, into: Record<string, Record<string, Json>>): void {
  for (const [, kind = '', name = ''] of JSON.stringify(from).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
    into[kind] ??= {};
    if (name in into[kind]) continue;
    const found = lean(at(source, ['components', kind, name]));
    into[kind][name] = found;
    collect(source, found, into);
  }
}

function at(from: Json, path: readonly string[]): Json {
  return path.reduce<Json>((value, key) => (isObject(value) ? (value[key] ?? null) : null), from);
}

/** Without what only a reader of documentation needs; keys in order. */
function lean(value: Json | undefined, isNames = false): Json {
  if (Array.isArray(value)) return value.map((item) => lean(item));
  if (!isObject(value)) return value ?? null;
  const kept = Object.entries(value).filter(([key]) => isNames || !prose.test(key));
  return Object.fromEntries(
    kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, lean(item, !isNames && key === 'properties')]),
  );
}

const prose = /^(description|summary|example|examples|externalDocs|tags|title|deprecated|x-(?!multi-segment).*)$/;

/** One line each, so that a difference can be read. */
function entries(of: Readonly<Record<string, Json>>): string {
  const names = Object.keys(of).sort();
  return names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(of[name])}`).join(',\n');
}

const [, , from] = process.argv;
if (from === undefined) throw new Error('say where api.github.com.json is');
await extract(from);
