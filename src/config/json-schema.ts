import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The JSON Schema of a config file, for editors: `schemas/athenz-gitops.schema.json`. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'athenz-gitops config', ...schema };
}
