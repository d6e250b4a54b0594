import type { JsonObject } from './json.ts';
import { repositoryUrl } from './repository-json.ts';
import type { World } from './world.ts';

/** `label`; nothing when there is none of that key. */
export function labelJson(world: World, key: string): readonly JsonObject[] {
  const label = world.labels.get(key);
  if (label === undefined) return [];
  const { id, name, color, description } = label;
  const url = `${repositoryUrl(world)}/labels/${encodeURIComponent(name)}`;
  return [{ id, node_id: `LA_${id}`, url, name, color, description, default: false }];
}
