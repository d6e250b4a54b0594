import { withFormerHeader } from '../model/manifest.ts';
import { blobId, type ObjectFormat, type TreeFile } from '../model/tree.ts';

/** git's ids of a rendered text. */
export interface RenderedIds {
  readonly oid: string;
  /** Under the former first line. Digests are over it, so that proposals made under that line stay up to date. */
  readonly formerOid: string;
}

/** The ids of a text that `renderFile` gave. */
export function renderedIds(text: string, format: ObjectFormat): RenderedIds {
  return { oid: blobId(text, format), formerOid: blobId(withFormerHeader(text), format) };
}

/** Whether a file holds that text already: one that differs in the former first line alone is not rewritten. */
export function isRendered({ oid, mode }: TreeFile, ids: RenderedIds): boolean {
  return mode === '100644' && (oid === ids.oid || oid === ids.formerOid);
}
