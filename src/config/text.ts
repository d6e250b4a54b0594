import { Document, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import type { ConfigInput } from './schema.ts';

/** Longer lists get a line for each entry. */
const longestLine = 100;

/** A config as a file for people: lists of words and single rules on one line each, a comment where a value wants one. */
export function configText(config: ConfigInput, heading: readonly string[]): string {
  const document = new Document(config);
  document.commentBefore = heading.map((line) => ` ${line}`).join('\n');
  visit(document, {
    Scalar: (_, node) => {
      // yaml 2.9 writes some texts of several lines so that they read as something else ("?\nb" in a list).
      if (typeof node.value === 'string' && !/^[ -~]*$/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
    Map: (_, node, path) => {
      const above = path.at(-1);
      if (isSeq(above) && node.items.every(({ value }) => isSeq(value) && isWords(value))) setFlow(node);
    },
    Seq: (_, node) => {
      if (isWords(node)) setFlow(node);
    },
  });
  if (isMap(document.contents)) {
    for (const [index, pair] of document.contents.items.entries()) {
      if (isScalar(pair.key) && index > 0) pair.key.spaceBefore = true;
    }
  }
  for (const index of config.clusters.keys()) {
    const domain = document.getIn(['clusters', index, 'domain'], true);
    if (!isScalar(domain)) continue;
    domain.comment = ` namespace team-a <-> Athenz domain ${String(domain.value).replace('{namespace}', 'team-a')}`;
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function isWords(node: { readonly items: readonly unknown[] }): boolean {
  return node.items.every((item) => isScalar(item));
}

function setFlow(node: Node & { flow?: boolean }): void {
  if (JSON.stringify(node.toJSON()).length <= longestLine) node.flow = true;
}
