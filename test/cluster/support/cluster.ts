import { type Api, openApi } from './api.ts';
import { kubeconfig, kubectl } from './kubectl.ts';

/** A client of the cluster that the tests run on, or of another one. */
export async function openCluster(path = kubeconfig): Promise<Api> {
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json'];
  return openApi(await kubectl(...view, `--kubeconfig=${path}`));
}
