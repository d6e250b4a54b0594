import { appRoutes } from './app-routes.ts';
import { branchRoutes } from './branch-routes.ts';
import { commentRoutes } from './comment-routes.ts';
import { labelRoutes } from './label-routes.ts';
import { pullRoutes } from './pull-routes.ts';
import { refRoutes } from './ref-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { Routes } from './route.ts';

/** Everything the API of the stand-in answers. */
export const routes: Routes = {
  ...repositoryRoutes,
  ...branchRoutes,
  ...refRoutes,
  ...pullRoutes,
  ...labelRoutes,
  ...commentRoutes,
  ...appRoutes,
};
