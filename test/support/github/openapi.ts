import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { isObject, type Json, type JsonObject } from './json.ts';

/** GitHub's own description of what the stand-in serves, written by extract-openapi.ts. */
export const openApiFile = fileURLToPath(new URL('../../data/github/openapi.json', import.meta.url));

/** One operation, as the measure for both sides. */
export interface Operation {
  /** As in `GET /repos/{owner}/{repo}`. */
  readonly name: string;
  /** Parameters of the path that may hold slashes. */
  readonly multiSegment: readonly string[];
  /** What is wrong with a request, with its place: `body/title must be string`. */
  request(query: URLSearchParams, body: Json | undefined): readonly string[];
  /** What is wrong with an answer. */
  answer(status: number, body: Json | undefined): readonly string[];
}

/** Somewhere in the description, with references followed. */
interface Place {
  /** A JSON pointer. */
  readonly at: string;
  readonly value: Json;
}

const source = withoutNullable(JSON.parse(readFileSync(openApiFile, 'utf8')) as Json) as JsonObject;
const bodies = validators({ coerceTypes: false });
const queries = validators({ coerceTypes: true });

/** @throws when the description lacks it */
export function describeOperation(name: string): Operation {
  const [method = '', path = ''] = name.split(' ');
  const here = find(`/paths/${escaped(path)}`, method.toLowerCase());
  if (here === undefined) throw new Error(`${openApiFile} lacks ${name}`);
  const parameters = parametersOf(here);
  const content = find(here.at, 'requestBody', 'content', 'application/json', 'schema');
  const bodyRequired = find(here.at, 'requestBody', 'required')?.value === true;
  return {
    name,
    multiSegment: parameters
      .filter(({ value }) => value['x-multi-segment'] === true)
      .map(({ value }) => String(value['name'])),
    request(query, body) {
      const wrong = [...query].flatMap(([key, text]) => {
        const known = parameters.find(({ value }) => value['in'] === 'query' && value['name'] === key);
        if (known === undefined) return [`query/${key} is no parameter`];
        return problems(queries, `${known.at}/schema`, text, `query/${key}`);
      });
      if (body === undefined) return bodyRequired ? [...wrong, 'body is missing'] : wrong;
      if (content === undefined) return [...wrong, 'body is not expected'];
      return [...wrong, ...unknownKeys(content.value, body), ...problems(bodies, content.at, body, 'body')];
    },
    answer(status, body) {
      const listed = find(here.at, 'responses', String(status));
      const schema = listed && find(listed.at, 'content', 'application/json', 'schema');
      if (schema !== undefined) return problems(bodies, schema.at, body, 'answer');
      // Errors that any operation may answer with are not repeated at each, nor is their body.
      if (status >= 400) return problems(bodies, '/components/schemas/basic-error', body, 'answer');
      if (listed === undefined) return [`answer ${status} is not listed`];
      return body === undefined ? [] : [`answer ${status} has a body`];
    },
  };
}

function parametersOf(operation: Place): readonly { readonly at: string; readonly value: JsonObject }[] {
  const list = find(operation.at, 'parameters')?.value;
  return (Array.isArray(list) ? list : []).flatMap((_, index) => {
    const place = find(operation.at, 'parameters', String(index));
    return place !== undefined && isObject(place.value) ? [{ at: place.at, value: place.value }] : [];
  });
}

function problems(ajv: Ajv, at: string, value: unknown, where: string): readonly string[] {
  const validate = ajv.getSchema(`github#${at}`);
  if (validate === undefined) throw new Error(`there is no schema at ${at}`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${where}${instancePath} ${message}`);
}

/** GitHub ignores them; one of ours is misspelt. */
function unknownKeys(schema: Json, body: Json): readonly string[] {
  if (!isObject(schema) || !isObject(schema['properties']) || !isObject(body)) return [];
  const known = Object.keys(schema['properties']);
  return Object.keys(body)
    .filter((key) => !known.includes(key))
    .map((key) => `body/${key} is no property`);
}

function validators({ coerceTypes }: { readonly coerceTypes: boolean }): Ajv {
  const ajv = new Ajv({ strict: false, validateSchema: false, logger: false, coerceTypes });
  formats.default(ajv);
  return ajv.addSchema(source, 'github');
}

/** Goes down from a pointer by keys. */
function find(from: string, ...keys: readonly string[]): Place | undefined {
  const at = [from, ...keys.map(escaped)].join('/');
  let value: Json | undefined = source;
  for (const key of at.split('/').slice(1)) value = below(value, key.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (value === undefined) return undefined;
  const to = isObject(value) ? value['$ref'] : undefined;
  return typeof to === 'string' ? find(to.slice(1)) : { at, value };
}

function below(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[])[Number(key)];
  return isObject(value) ? value[key] : undefined;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** OpenAPI 3.0 says `nullable: true` where JSON Schema has the type null. */
function withoutNullable(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullable);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key, item]) => !(key === 'nullable' && typeof item === 'boolean'));
  const rest = Object.fromEntries(entries.map(([key, item]) => [key, withoutNullable(item)]));
  return value['nullable'] === true ? { anyOf: [{ type: 'null' }, rest] } : rest;
}
