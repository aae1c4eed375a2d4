import { z } from '@hono/zod-openapi'
import { PUBLIC_CODES } from '../problem.ts'

export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:cloakroom:problem:invalid_request' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(PUBLIC_CODES).openapi({ description: 'Stable: codes are added, never renamed.' }),
    detail: z.string().openapi({ description: 'A sentence that may be shown to anybody.' }),
    request_id: z.string(),
    retryable: z.boolean().openapi({ description: 'Whether the same request may succeed later.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().openapi({ description: 'RFC 6901, into the body or the query as an object.' }),
          code: z.string(),
        }),
      )
      .openapi({ description: 'The fields that cannot be taken. Never their values.' }),
  })
  .openapi('Problem')
