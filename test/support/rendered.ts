import assert from 'node:assert/strict';
import { parseFile } from '../../src/generators/rbac/parse.ts';
import type { RenderedRole } from '../../src/model/manifest.ts';

/** Every role of these files, each of which the program has to have written. */
export function rendered(files: ReadonlyMap<string, string>): readonly RenderedRole[] {
  return [...files.values()].flatMap((text) => {
    const parsed = parseFile(Buffer.from(text));
    assert.equal(parsed.kind, 'rendered');
    return parsed.kind === 'rendered' ? parsed.roles : [];
  });
}
