import { type Api, openApi } from './api.ts';
import { kubectl } from './kubectl.ts';

/** A client of the cluster that the tests run on. */
export async function openCluster(): Promise<Api> {
  return openApi(await kubectl('config', 'view', '--raw', '--minify', '--flatten', '--output=json'));
}
