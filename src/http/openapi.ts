import { OpenAPIHono } from '@hono/zod-openapi'
import type { Endpoint } from './endpoint.ts'
import { AddressSchema, PersonSchema } from './schemas/person.ts'

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

const DESCRIPTION = `A personal-data vault for commerce.

Times are RFC 3339 in UTC; durations end in \`_s\`. Personal data is never in a path or a query. Unknown fields are refused.
What belongs to another tenant or party answers like what does not exist. Batches answer 200 once the call was understood:
each item has its own \`status\` and \`code\`, in the order they came. Errors are \`application/problem+json\` (RFC 9457).`

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    "`ck_<tenant>_<secret>` of the platform, a shop or a courier; or a person's session, as `POST /v1/subjects/{id}/sessions` gives it.",
} as const

/** The contract, from the very schemas that requests are checked with. */
export function buildDocument(endpoints: readonly Endpoint[], version: string, url: string): OpenApiDocument {
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'bearer', BEARER)
  registry.register('Address', AddressSchema)
  registry.register('Person', PersonSchema)
  for (const { route } of endpoints) registry.registerPath(route)
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Cloakroom',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url }],
    tags: tagsOf(endpoints),
  })
}

const TAGS: Readonly<Record<string, string>> = {
  service: 'Start and health',
  parties: 'Shops and couriers',
  credentials: 'What parties call with',
  tokenize: 'People in, tokens out',
  subjects: 'People, for the platform',
  mask: 'Tokens, without plaintext',
  validate: 'Tokens, without plaintext',
  group: 'Tokens, without plaintext',
  search: 'From a value to my own tokens',
  shipments: 'Parcels',
  reveal: 'The way to plaintext',
  grants: 'Who may see what',
  sessions: "People's sessions",
  me: 'The person',
  events: 'The log',
  incidents: 'When something leaks',
  signals: 'What the watch over the log has found',
  holds: 'Who is held',
  watch: 'What signals set off',
}

function tagsOf(endpoints: readonly Endpoint[]): { name: string; description: string }[] {
  const names = new Set(endpoints.flatMap(({ route }) => route.tags ?? []))
  return [...names].map((name) => ({ name, description: TAGS[name] ?? name }))
}
