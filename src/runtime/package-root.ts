import { existsSync } from 'node:fs';

/** The folder of this package, where `templates/` and `package.json` are: above `src` in a clone, above `dist` when it is installed. */
export const packageRoot: URL = rootAbove(new URL('./', import.meta.url));

/** A source is one or more folders below it, and bundled in the one folder `dist`. */
function rootAbove(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : rootAbove(new URL('../', folder));
}
