import { z } from '@hono/zod-openapi'
import { examine } from '../../vault/doctor/examine.ts'
import { CHECKS } from '../../vault/doctor/diagnose.ts'
import { AREAS, SEVERITIES } from '../../vault/doctor/finding.ts'
import { endpoint } from '../endpoint.ts'

const FindingSchema = z
  .object({
    code: z.enum(CHECKS.map(({ code }) => code)),
    severity: z.enum(SEVERITIES),
    seen: z.string().openapi({ description: 'One sentence; never a secret.' }),
    mend: z.string().openapi({ description: 'A command or a sentence.' }),
  })
  .openapi('Finding')

const DiagnosisSchema = z
  .object({
    findings: z.array(FindingSchema).openapi({ description: 'The gravest first.' }),
    unseen: z.array(z.enum(AREAS)).openapi({ description: 'What could not be looked at from here.' }),
  })
  .openapi('Diagnosis')

export const doctorRoutes = [
  endpoint('GET /v1/doctor', {
    summary: 'What is amiss, and how it is mended',
    description:
      "Looks at the tenant's own keys and log, and at settings, files and limits of whatever runs the vault, as far as they can be seen from there.",
    ok: { status: 200, description: 'Findings; none is well.', schema: DiagnosisSchema },
    async handle({ vault, call }) {
      const { findings, unseen } = await examine(vault, call.caller)
      return { body: { findings: [...findings], unseen: [...unseen] } }
    },
  }),
]
