import type { Parsed } from '../../core/decision.ts';
import { reasonOf } from '../../model/error.ts';
import { hasHeader } from '../../model/manifest.ts';
import { maxYamlBytes, parseYamlStream, YamlError } from '../../model/yaml.ts';
import { isJsonMap, type JsonMap } from '../../model/yaml-write.ts';
import { Damaged, toJson } from './manifests.ts';

/**
 * Reads back a rendered file, which holds one object, as the cluster reads it.
 *
 * @param stateOf what the object is
 * @returns `foreign` for a file without our first line
 */
export function parseObject<S>(content: Uint8Array, stateOf: (body: JsonMap) => Parsed<S>): Parsed<S> {
  if (!hasHeader(content)) return { kind: 'foreign' };
  try {
    const documents = parseYamlStream(new TextDecoder('utf-8', { fatal: true }).decode(content), {
      maxBytes: maxYamlBytes.manifests,
      version: '1.1',
      aliases: 'refused',
      values: 'exact',
    });
    const [first, ...others] = documents;
    if (first === undefined || others.length > 0) return unparsable('it must contain exactly one object');
    const body = toJson(first.value);
    return isJsonMap(body) ? stateOf(body) : unparsable('it contains no object');
  } catch (error) {
    // A parser's message may quote a value.
    if (error instanceof Damaged) return unparsable(error.message);
    if (error instanceof YamlError)
      return unparsable(`invalid YAML${error.line === undefined ? '' : ` at line ${error.line}`}`);
    return unparsable(error instanceof TypeError ? 'it is not UTF-8' : reasonOf(error));
  }
}

export function unparsable(reason: string): Extract<Parsed, { kind: 'unparsable' }> {
  return { kind: 'unparsable', reason };
}
