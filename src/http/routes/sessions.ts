import { z } from '@hono/zod-openapi'
import { toRfc3339 } from '../../core/time.ts'
import { endSession, openSession } from '../../vault/principals/session.ts'
import { endpoint } from '../endpoint.ts'
import { idSchema, pathId } from '../schemas/ids.ts'
import { TimeOut } from '../schemas/words.ts'

const SessionSchema = z
  .object({
    id: idSchema('ses'),
    token: z.string().openapi({ description: 'A bearer credential of the person. Shown this once.' }),
    portal_url: z
      .string()
      .openapi({ description: 'Carries the token in its fragment: send the person there.' }),
    expires_at: TimeOut,
  })
  .openapi('Session')

export const sessionRoutes = [
  endpoint('POST /v1/subjects/{id}/sessions', {
    summary: 'Open a session for a person whom the platform has signed in',
    id: pathId('sub', 'person'),
    ok: { status: 200, description: 'The session.', schema: SessionSchema },
    async handle({ vault, call, id }) {
      const { session, token, portalUrl, expiresAt } = await openSession(vault, call, id)
      return { body: { id: session, token, portal_url: portalUrl, expires_at: toRfc3339(expiresAt) } }
    },
  }),

  endpoint('DELETE /v1/sessions/{id}', {
    summary: "End a person's session",
    description: 'Dead on the next request. Ending it again changes nothing.',
    id: pathId('ses', 'session'),
    ok: { status: 204, description: 'Ended.', schema: z.undefined() },
    async handle({ vault, call, id }) {
      await endSession(vault, call, id)
      return { body: undefined }
    },
  }),
]
