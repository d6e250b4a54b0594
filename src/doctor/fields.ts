/** A map of a file that others wrote: any field may be missing or of another type. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a map; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The items of a list; none of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text as a list of one; none of anything else. */
export function textOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
