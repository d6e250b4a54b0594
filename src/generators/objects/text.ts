import { headerLine } from '../../model/manifest.ts';
import { quote } from '../../model/scalar.ts';
import { type JsonMap, writeMap } from '../../model/yaml-write.ts';

/** An object as a rendered file holds it: one of its own, in an order that people know. */
export function objectText({
  apiVersion,
  kind,
  metadata,
  rest = {},
}: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonMap;
  /** Everything else. */
  readonly rest?: JsonMap;
}): string {
  const head = `${headerLine}\napiVersion: ${quote(apiVersion)}\nkind: ${quote(kind)}\n`;
  return `${head}metadata:\n${writeMap(metadata, '  ')}${writeMap(rest)}`;
}
