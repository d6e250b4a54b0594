import { z } from 'zod';
import type { DetailedDocument, DomainSettings, StoredRoleSettings } from '../model/domain.ts';
import { parseDocument, parseJson, shortName } from './wire.ts';
import { listOf } from './wire-schema.ts';

// What a signed document says besides who has access. ZMS leaves out what is not set.

const days = z.int().nullish();
const flag = z.boolean().nullish();
const tags = z
  .record(z.string(), z.object({ list: listOf(z.string()) }))
  .nullish()
  .transform((map) => Object.fromEntries(Object.entries(map ?? {}).map(([key, { list }]) => [key, list])));
const named = z.object({ name: z.string() });

const detailsSchema = z.object({
  name: z.string(),
  org: z.string().nullish(),
  description: z.string().nullish(),
  applicationId: z.string().nullish(),
  memberExpiryDays: days,
  tags,
  roles: listOf(
    z.object({
      name: z.string(),
      description: z.string().nullish(),
      memberExpiryDays: days,
      selfServe: flag,
      reviewEnabled: flag,
      deleteProtection: flag,
      tags,
    }),
  ),
  policies: z.object({ contents: z.object({ policies: listOf(named) }) }).nullish(),
  services: listOf(named),
});

/** As `parseDocument`, with the settings and what else lives in the domain. @throws AppError `ZMS_BAD_RESPONSE` */
export function parseDetailed(payload: string, asked?: string): DetailedDocument {
  const document = parseDocument(payload, asked);
  const what = `the document of ${document.name}`;
  const details = parseJson(detailsSchema, payload, what);
  const { name } = document;
  const roleSettings = details.roles.map(
    (role) => [shortName(role.name, `${name}:role.`, what), settingsOf(role)] as const,
  );
  const policies = (details.policies?.contents.policies ?? []).map((it) => shortName(it.name, `${name}:policy.`, what));
  return {
    ...document,
    settings: settingsOf(details),
    roleSettings: new Map(roleSettings),
    policies: [...new Set(policies)],
    services: details.services.map((it) => shortName(it.name, `${name}.`, what)),
  };
}

type Settings = DomainSettings & StoredRoleSettings;

/** Without what is not set; ZMS writes 0 days where there is no limit. */
function settingsOf(wire: { readonly [K in keyof Settings]?: Settings[K] | null | undefined }): Settings {
  const { org, description, applicationId, memberExpiryDays, tags: tagged } = wire;
  const { selfServe, reviewEnabled, deleteProtection } = wire;
  return {
    ...(org ? { org } : {}),
    ...(description ? { description } : {}),
    ...(applicationId ? { applicationId } : {}),
    ...(memberExpiryDays ? { memberExpiryDays } : {}),
    ...(selfServe ? { selfServe } : {}),
    ...(reviewEnabled ? { reviewEnabled } : {}),
    ...(deleteProtection ? { deleteProtection } : {}),
    tags: tagged ?? {},
  };
}
