/**
 * Maps items in their order, with so many results under way ahead of the one that is used.
 *
 * @throws what `map` does, for the first that fails
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const under: Promise<R>[] = [];
  const left = items[Symbol.iterator]();
  const begin = () => {
    const next = left.next();
    if (next.done) return;
    const result = map(next.value);
    // It is waited for in its turn; until then a failure is no unhandled one.
    result.catch(() => {});
    under.push(result);
  };
  for (let count = 0; count < ahead; count++) begin();
  for (let first = under.shift(); first !== undefined; first = under.shift()) {
    begin();
    yield await first;
  }
}

/** The same results, the first of which are begun now and not when they are asked for. @throws as `items` does, when they are */
export function begun<R>(items: AsyncGenerator<R, void, undefined>): AsyncGenerator<R, void, undefined> {
  const first = items.next();
  // It is waited for in its turn; until then a failure is no unhandled one.
  first.catch(() => {});
  return follow(first, items);
}

async function* follow<R>(
  first: Promise<IteratorResult<R, void>>,
  rest: AsyncGenerator<R, void, undefined>,
): AsyncGenerator<R, void, undefined> {
  const result = await first;
  if (result.done) return;
  yield result.value;
  yield* rest;
}
