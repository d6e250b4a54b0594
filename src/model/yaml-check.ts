import { isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';

/** Anchors and aliases of one document: the parser looks through all of them for each one. */
const maxAnchors = 1000;
/** Values that the aliases of one document stand for, each counted as often as it is repeated. */
const maxRepeated = 100_000;
/** Collections inside of keys: each is written out again for every key around it. */
const maxKeyDepth = 8;

/** What may repeat other parts of a document. */
export interface RepeatOptions {
  /** `refused`: an alias is an error. */
  readonly aliases?: 'allowed' | 'refused';
  /** `read`: a merge key (`<<`) adds the keys of other maps, as YAML 1.1 has it; else it is an error, never a key like others. */
  readonly mergeKeys?: 'read' | 'refused';
}

/**
 * Walks a document once: keys must differ, aliases must lead to something before them that does not hold them, merge keys must
 * mean the same to every parser, and what aliases and merge keys repeat must stay small.
 */
export function checkNodes(
  root: unknown,
  { aliases = 'allowed', mergeKeys = 'refused' }: RepeatOptions,
  fail: (message: string, offset: number | undefined) => never,
): void {
  /** How many values each anchor stands for; undefined inside of its own node. */
  const sizes = new Map<string, number | undefined>();
  const nodes = new Map<string, Node>();
  let anchors = 0;
  let repeated = 0;

  function sizeOf(node: unknown, keyDepth: number): number {
    if (isPair(node)) return sizeOfPair(node, keyDepth);
    if (!isNode(node)) return 1;
    if (isAlias(node)) return sizeOfAlias(node.source, node);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) countAnchor(node);
    if (anchor !== undefined) sizes.set(anchor, undefined);
    let size = 1;
    if (isCollection(node)) {
      if (keyDepth > maxKeyDepth) fail(`more than ${maxKeyDepth} collections inside of keys`, node.range?.[0]);
      const keys = new Set<string>();
      for (const [index, item] of node.items.entries()) {
        if (isPair(item) && isMergeKey(item.key)) checkMerge(item, index);
        size += sizeOf(item, keyDepth);
        if (isPair(item)) refuseTwice(item.key, keys);
      }
    }
    if (anchor !== undefined) {
      sizes.set(anchor, size);
      nodes.set(anchor, node);
    }
    return size;
  }

  function sizeOfPair({ key, value }: Pair, keyDepth: number): number {
    const size = sizeOf(value, keyDepth);
    // What is merged is written out again in each map around it.
    if (isMergeKey(key) && !isAlias(value)) countRepeated(size, isNode(value) ? value.range?.[0] : undefined);
    return sizeOf(key, keyDepth + (isCollection(key) ? 1 : 0)) + size;
  }

  function sizeOfAlias(source: string, node: Node): number {
    const offset = node.range?.[0];
    countAnchor(node);
    if (aliases === 'refused') fail('aliases are not allowed here', offset);
    if (!sizes.has(source)) fail(`Unresolved alias (the anchor must be set before the alias): ${source}`, offset);
    const size = sizes.get(source);
    if (size === undefined) return fail(`the alias *${source} stands inside of what it repeats`, offset);
    countRepeated(size, offset);
    return size;
  }

  function countRepeated(size: number, offset: number | undefined): void {
    repeated += size;
    if (repeated > maxRepeated) fail(`aliases and merge keys repeat more than ${maxRepeated} values`, offset);
  }

  function countAnchor(node: Node): void {
    anchors++;
    if (anchors > maxAnchors) fail(`more than ${maxAnchors} anchors and aliases`, node.range?.[0]);
  }

  /** Where one stands behind another key, kubectl lets it win, and YAML 1.1 the key. */
  function checkMerge({ key, value }: Pair, index: number): void {
    const { range, anchor, tag } = key as Scalar;
    const offset = range?.[0];
    if (mergeKeys === 'refused') fail('merge keys (<<) are not supported here: write the keys out', offset);
    if (index > 0) fail('a merge key (<<) must be the first key of its map, and the only one', offset);
    if (anchor !== undefined || tag !== undefined) fail('a merge key (<<) takes no anchor and no tag', offset);
    const isOfMaps = isSeq(value) ? value.items.every((item) => isMap(target(item))) : isMap(target(value));
    if (!isOfMaps) fail('a merge key (<<) takes a map or a list of maps', offset);
  }

  function target(node: unknown): unknown {
    return isAlias(node) ? nodes.get(node.source) : node;
  }

  /** By what a key is called in JSON. */
  function refuseTwice(key: unknown, keys: Set<string>): void {
    const node = target(key);
    if (!isScalar(node) || isMergeKey(node)) return;
    const name = node.value === null ? '' : String(node.value);
    if (keys.has(name)) fail('Map keys must be unique', isNode(key) ? key.range?.[0] : undefined);
    keys.add(name);
  }

  sizeOf(root, 0);
}

/** The parser tells it from a text in quotes. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (typeof key.value === 'symbol' || key.tag === 'tag:yaml.org,2002:merge');
}
