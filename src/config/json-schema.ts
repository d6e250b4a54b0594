import { z } from 'zod';
import { type GeneratorSchemas, schemaWith } from './schema.ts';

/**
 * The JSON Schema of a config file, for editors: `schemas/athenz-gitops.schema.json`.
 *
 * @param further the keys of generators
 */
export function configJsonSchema(further: GeneratorSchemas): object {
  const { $schema, ...schema } = z.toJSONSchema(schemaWith(further), { io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'athenz-gitops config', ...schema };
}
