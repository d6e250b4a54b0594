import type { Marker } from '../../src/model/marker.ts';
import { readMarker } from '../../src/propose/read-marker.ts';

/** The marker of a pull request's body, whatever the time is. */
export function markerOf(body: string | null | undefined): Marker | undefined {
  return readMarker(body ?? '', Number.POSITIVE_INFINITY);
}
