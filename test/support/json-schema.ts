/** The part of JSON Schema that the config's schema uses. A keyword that is not handled here is an error. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const handled = new Set(
  'type properties required additionalProperties propertyNames items minItems anyOf const enum pattern minLength minimum maximum exclusiveMinimum'.split(
    ' ',
  ),
);
const notes = new Set(['$schema', 'title', 'description', 'default', 'format']);

/** What an editor would underline: one line for each value that the schema does not allow. */
export function violations(schema: JsonSchema, value: unknown, at = ''): readonly string[] {
  const found: string[] = [];
  const say = (what: string) => found.push(`${at || '(top)'}: ${what}`);
  for (const key of Object.keys(schema)) {
    if (!handled.has(key) && !notes.has(key)) throw new Error(`the keyword ${key} is not handled`);
  }
  if (schema.type !== undefined && !hasType(value, schema.type))
    return [`${at || '(top)'}: not of type ${schema.type}`];
  if (schema.anyOf !== undefined && !schema.anyOf.some((it) => violations(it, value).length === 0))
    say('no alternative');
  if (schema.enum !== undefined && !schema.enum.includes(value)) say('not one of the words');
  if ('const' in schema && schema.const !== value) say('not the word');
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) say('not of the pattern');
    if (value.length < (schema.minLength ?? 0)) say('too short');
  } else if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = schema;
    if (value < minimum || value > maximum || value <= exclusiveMinimum) say('out of range');
  } else if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) say('too few');
    const { items } = schema;
    if (items !== undefined) found.push(...value.flatMap((it, index) => violations(items, it, `${at}[${index}]`)));
  } else if (typeof value === 'object' && value !== null) {
    found.push(...ofObject(schema, value as Readonly<Record<string, unknown>>, at));
  }
  return found;
}

function ofObject(schema: JsonSchema, value: Readonly<Record<string, unknown>>, at: string): readonly string[] {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  const found = missing.map((key) => `${at}.${key}: missing`);
  for (const [key, below] of Object.entries(value)) {
    const place = `${at}.${key}`;
    if (propertyNames !== undefined) found.push(...violations(propertyNames, key, place));
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (known === false) found.push(`${place}: not known`);
    else if (known !== undefined) found.push(...violations(known, below, place));
  }
  return found;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
