import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The JSON Schema of deployment-config.yaml for editors, as the text of docs/schema/deployment-config.schema.json. */
export function jsonSchemaText(): string {
  const schema = { title: 'Slipway: deployment-config.yaml', ...z.toJSONSchema(configSchema, { io: 'input' }) }
  return `${JSON.stringify(schema, null, 2)}\n`
}
