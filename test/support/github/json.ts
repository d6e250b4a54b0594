export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under a key of a request's body; undefined where it is missing or something else. */
export function textOf(body: Json, key: string): string | undefined {
  const value = isObject(body) ? body[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The list of texts under a key of a request's body; empty where it is missing. */
export function textsOf(body: Json, key: string): readonly string[] {
  const value = isObject(body) ? body[key] : undefined;
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
