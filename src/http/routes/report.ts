import { z } from '@hono/zod-openapi'
import { toBase64, utf8 } from '../../core/bytes.ts'
import { sha256 } from '../../core/sha256.ts'
import { documentOf } from '../../vault/incidents/report/document.ts'
import { findReport } from '../../vault/incidents/report/find.ts'
import { REPORT_STYLE, renderReportHtml } from '../../vault/incidents/report/html.ts'
import { FORM_CODES } from '../../vault/incidents/report/report.ts'
import { chooseType } from '../choose-type.ts'
import { endpoint } from '../endpoint.ts'
import { pathId } from '../schemas/ids.ts'
import { ReportSchema, wireReport } from '../schemas/report.ts'
import { strict } from '../schemas/strict.ts'

const JSON_TYPE = 'application/json'
const HTML_TYPE = 'text/html'
const HTML_UTF8 = 'text/html; charset=utf-8'
const PDF_TYPE = 'application/pdf'

/** Its one style by hash, and nothing else: neither script nor anything from elsewhere. */
const REPORT_CSP = `default-src 'none'; style-src 'sha256-${toBase64(sha256(utf8(REPORT_STYLE)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const VARY = { vary: 'accept' }

export const reportRoutes = [
  endpoint('GET /v1/incidents/{id}/report', {
    summary: 'The report, for the authority and for the file',
    description: [
      'As JSON, HTML or PDF by `Accept`; JSON if nothing is asked for. HTML is self-contained and fit to print.',
      'With `form` the items of that form come first, in its order, filled in as far as they are known; what is missing is marked as open.',
      'At the edge there is no PDF: print the HTML.',
    ].join('\n\n'),
    id: pathId('inc', 'incident'),
    query: strict({
      form: z.enum(FORM_CODES).optional().openapi({
        description: '`gdpr-33`: GDPR Art. 33(3); `cac`: China, cyberspace administration; `pipc`: Korea.',
      }),
    }),
    ok: {
      status: 200,
      description: 'The report, as of now.',
      schema: ReportSchema,
      otherTypes: [HTML_UTF8, PDF_TYPE],
    },
    errors: ['not_acceptable'],
    async handle({ vault, call, id, query, accept }) {
      const { printPdf } = vault
      const type = chooseType(accept, printPdf ? [JSON_TYPE, HTML_TYPE, PDF_TYPE] : [JSON_TYPE, HTML_TYPE])
      const report = await findReport(vault, call.caller, id, query.form ?? null)
      if (type === HTML_TYPE) {
        const headers = {
          'content-type': HTML_UTF8,
          'content-security-policy': REPORT_CSP,
        }
        return { bytes: utf8(renderReportHtml(documentOf(report))), headers: { ...headers, ...VARY } }
      }
      if (type === PDF_TYPE && printPdf) {
        const name = [id, 'report', query.form].filter(Boolean).join('-')
        const headers = { 'content-type': PDF_TYPE, 'content-disposition': `inline; filename="${name}.pdf"` }
        return { bytes: await printPdf(documentOf(report)), headers: { ...headers, ...VARY } }
      }
      return { body: wireReport(report), headers: VARY }
    },
  }),
]
