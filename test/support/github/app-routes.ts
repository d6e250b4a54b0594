import { randomBytes } from 'node:crypto';
import { appJson, installationJson, permissionsJson } from './actor-json.ts';
import { created, notFound, ok, Refusal, refused } from './answer.ts';
import { type App, type Level, may, type Permissions } from './caller.ts';
import { isObject } from './json.ts';
import { repositoryJson } from './repository-json.ts';
import type { Call, Routes } from './route.ts';

export const appRoutes: Routes = {
  'GET /app': { needs: 'app', answer: (call) => ok(appJson(call.world, appOf(call))) },
  'GET /repos/{owner}/{repo}/installation': {
    needs: 'app',
    answer: (call) => ok(installationJson(call.world, appOf(call))),
  },
  'POST /app/installations/{installation_id}/access_tokens': {
    needs: 'app',
    answer: (call) => {
      const { world, params } = call;
      const app = appOf(call);
      if (Number(params['installation_id']) !== app.installationId) return notFound();
      const permissions = narrowed(call, app);
      const expiresAt = world.now().getTime() + anHour;
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      world.tokens.set(token, { kind: 'installation', login: `${app.slug}[bot]`, permissions, expiresAt });
      return created({
        token,
        expires_at: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        permissions: permissionsJson(permissions),
        repository_selection: 'selected',
        repositories: [repositoryJson(world)],
      });
    },
  },
};

const anHour = 3_600_000;

function appOf({ caller }: Call): App {
  if (caller.kind !== 'app') throw new Error('only the App gets here');
  return caller.app;
}

/** What the body asks for; never more than the App has. */
function narrowed({ world, body }: Call, app: App): Permissions {
  if (!isObject(body)) return app.permissions;
  const repositories = body['repositories'];
  if (Array.isArray(repositories) && !repositories.includes(world.repository)) {
    throw new Refusal(
      refused(
        422,
        'There is at least one repository that does not exist or is not accessible to the parent installation.',
      ),
    );
  }
  if (!isObject(body['permissions'])) return app.permissions;
  const wanted = body['permissions'] as Readonly<Record<string, Level>>;
  if (Object.entries(wanted).some(([name, level]) => !may(app.permissions, `${name}=${level}`))) {
    throw new Refusal(refused(422, 'The permissions requested are not granted to this installation.'));
  }
  return { metadata: 'read', ...wanted };
}
