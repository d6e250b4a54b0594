/**
 * Maps a list in its order, with so many results under way ahead of the one that is used.
 *
 * @throws what `map` does, for the first that fails
 */
export async function* mapAhead<T, R>(
  list: readonly T[],
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const under: Promise<R>[] = [];
  let next = 0;
  const begin = () => {
    const item = list[next++];
    if (item === undefined) return;
    const result = map(item);
    // It is waited for in its turn; until then a failure is no unhandled one.
    result.catch(() => {});
    under.push(result);
  };
  while (next < Math.min(ahead, list.length)) begin();
  for (let first = under.shift(); first !== undefined; first = under.shift()) {
    begin();
    yield await first;
  }
}
