import fc from 'fast-check';

/** Values that a reader may stumble over wherever it meets them. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '\0',
    '\ud800',
    '{namespace}',
    [],
    {},
    [null],
    [[]],
    'y',
    '\u2028',
  ),
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"name":"a"}}'),
    { constructor: 'a' },
    { '<<': 'a' },
    { a: { b: [1] } },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Data with a part, at any depth, replaced, removed, doubled or renamed, once or a few times. */
export function mutated(data: unknown): fc.Arbitrary<unknown> {
  const step = fc.record({ at: fc.nat(), how: fc.constantFrom('replace', 'remove', 'double', 'rename'), value: odd });
  return fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => {
    const root = { root: structuredClone(data) };
    for (const { at, how, value: shared } of steps) {
      // A copy: in data that holds itself there is no end of places.
      const value = structuredClone(shared);
      const places = placesIn(root);
      const [pauser, key] = places[at % places.length] ?? [root, 'root'];
      const here = pauser as Record<string, unknown>;
      const old = here[key];
      if (how === 'replace') define(here, key, value);
      else if (Array.isArray(pauser))
        pauser.splice(Number(key), how === 'remove' ? 1 : 0, ...(how === 'double' ? [structuredClone(old)] : []));
      else {
        if (how !== 'double') delete here[key];
        if (how !== 'remove') define(here, how === 'double' ? `${key}2` : String(value), structuredClone(old));
      }
    }
    return root.root;
  });
}

function placesIn(pauser: object): readonly (readonly [object, string])[] {
  return Object.entries(pauser).flatMap(([key, value]) => [
    [pauser, key] as const,
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ]);
}

/** As an own property, also where it is called `__proto__`. */
function define(pauser: object, key: string, value: unknown): void {
  Object.defineProperty(pauser, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Text with bytes flipped, cut out, put in or doubled; the result need not be UTF-8. */
export function damagedBytes(text: string): fc.Arbitrary<Uint8Array> {
  const bytes = Buffer.from(text);
  const position = fc.nat(bytes.length);
  const edit = fc.record({
    at: position,
    cut: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(40)),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 2 }),
      fc
        .constantFrom('\ufeff', '\0', '\r\n', '\t', '---\n', '&a ', '*a', '- ', ': ', '#', '!', '|')
        .map((it) => Buffer.from(it)),
      fc.tuple(position, fc.nat(60)).map(([from, length]) => bytes.subarray(from, from + length)),
    ),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce<Buffer>(
        (so, { at, cut, put }) => Buffer.concat([so.subarray(0, at), put, so.subarray(at + cut)]),
        bytes,
      ),
    );
}
