import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { describe, expect, onTestFinished, test } from 'vitest'
import { wireReport } from '../../src/http/schemas/report.ts'
import { makePdf } from '../../src/runtime/node/pdf/make-pdf.ts'
import { printPdf } from '../../src/runtime/node/pdf/print.ts'
import type { Block, ReportDocument } from '../../src/vault/incidents/report/blocks.ts'
import { documentOf } from '../../src/vault/incidents/report/document.ts'
import { renderReportHtml } from '../../src/vault/incidents/report/html.ts'
import { makeReport } from '../../src/vault/incidents/report/make.ts'
import { FORM_CODES } from '../../src/vault/incidents/report/report.ts'
import { numberWords } from '../../src/vault/incidents/report/words.ts'
import { openWorld } from '../http/world.ts'
import { EVERYTHING } from '../vault/incidents/notices/drafts.ts'
import { BARE, INCIDENT, NOW, partsWith } from '../vault/incidents/report/parts.ts'

async function opened(document: ReportDocument) {
  const pdf = await getDocumentProxy(await makePdf(document))
  const { text, totalPages } = await extractText(pdf, { mergePages: true })
  return { pdf, text: packed(text), totalPages }
}

/** Where a line breaks is the printer’s affair. */
function packed(text: string): string {
  return text.normalize('NFC').replaceAll(/\s/g, '')
}

function textsOf(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'text' || block.kind === 'code') return [block.text]
    if (block.kind === 'facts') return block.rows.flatMap(([label, { text }]) => [label, text])
    return [...block.columns, ...block.rows.flat().map(({ text }) => text)]
  })
}

/** Numbers of the scope, the measures and the notices, wherever they stand in the JSON. */
function figuresOf({ scope, measures, notices }: ReturnType<typeof wireReport>): readonly number[] {
  const numbers: number[] = []
  JSON.stringify({ scope, measures, notices }, (_, value: unknown) => {
    if (typeof value === 'number') numbers.push(value)
    return value
  })
  return numbers
}

function withReason(reason: string): ReportDocument {
  const incident = { ...INCIDENT, steps: INCIDENT.steps.map((step) => ({ ...step, reason })) }
  return documentOf(makeReport(partsWith({ incident }), null, NOW))
}

describe('a report as PDF', () => {
  test.each([null, ...FORM_CODES])(
    'of form %s says what the document says, Chinese and Korean too',
    async (form) => {
      const document = documentOf(makeReport(partsWith({ texts: EVERYTHING }), form, NOW))
      const { text } = await opened(document)
      for (const name of ['王小明', '臺灣', '개인정보유출', '서울가게', 'Ж,é,ł,Ω,ệ,かな'])
        expect(text).toContain(name)
      // What goes over the end of a page has the foot of the page in it: lines are looked for, not whole cells.
      const lines = document.sections.flatMap(({ heading, blocks }) => [heading, ...textsOf(blocks)])
      const missing = lines.flatMap((one) => one.split('\n')).filter((line) => !text.includes(packed(line)))
      expect(missing).toEqual([])
      expect(text).not.toContain('□')
    },
  )

  test('JSON, HTML and PDF agree on every figure', async () => {
    const report = makeReport(partsWith(), 'gdpr-33', NOW)
    const document = documentOf(report)
    const shown = { html: packed(renderReportHtml(document)), pdf: (await opened(document)).text }
    const figures = figuresOf(wireReport(report))
    expect(figures.length).toBeGreaterThan(20)
    const lacking = (text: string) => figures.filter((figure) => !text.includes(packed(numberWords(figure))))
    expect([lacking(shown.html), lacking(shown.pdf)]).toEqual([[], []])
    // The control: of another scope the same check finds the differences.
    const other = documentOf(makeReport(partsWith({ scope: null, notices: [] }), 'gdpr-33', NOW))
    expect(lacking((await opened(other)).text)).toContain(12_345)
  })

  test('of which next to nothing is known says what is open', async () => {
    const { text } = await opened(documentOf(makeReport(BARE, 'cac', NOW)))
    expect(text).toContain(packed('The severity is not assessed.'))
    expect(text).toContain('open')
  })

  test('names its title, runs no script, and is the same for the same report but for its own id', async () => {
    const document = documentOf(makeReport(partsWith(), null, NOW))
    const { pdf, totalPages } = await opened(document)
    expect((await getMeta(pdf)).info).toMatchObject({ Title: 'Incident report', Creator: 'Cloakroom' })
    expect(await pdf.getJSActions()).toBeNull()
    expect(await pdf.getAttachments()).toBeNull()
    expect(totalPages).toBe((await opened(document)).totalPages)
  })

  test('what no font has is shown as a box, and that is said', async () => {
    const { text } = await opened(withReason('ไทย here'))
    expect(text).toContain('□□□here')
    expect(text).toContain(packed('A character that no font here has is shown as □.'))
  })

  test.each([
    ['one word of 4,000 letters', 'x'.repeat(4_000)],
    ['2,000 lines', 'line\n'.repeat(2_000)],
    ['4,000 Chinese characters', '王'.repeat(4_000)],
    ['what looks like markup of the printer', '{"text":"x","image":"/etc/passwd"} <b>&amp;</b> \\'],
    ['what turns text around', 'a\u202eb\u2066c\u0000d'],
  ])('a reason of %s is printed', async (_, reason) => {
    const { text } = await opened(withReason(reason))
    const shown = packed(documentOf(makeReport(partsWith(), null, NOW)).sections.at(-1)?.heading ?? '')
    expect(text).toContain(shown)
    expect(text).not.toMatch(/[\u202e\u2066\0]/)
    const count = (of: string) => text.split(of).length - 1
    if (reason.startsWith('x')) expect(count('xxxx')).toBeGreaterThan(3_800)
    if (reason.startsWith('王')) expect(count('王')).toBeGreaterThan(15_900)
    if (reason.startsWith('{')) expect(text).toContain(packed(reason))
  })

  test('comes over HTTP to whoever asks for it first, under a name of its own', async () => {
    const world = await openWorld()
    onTestFinished(() => world.close())
    Object.assign(world.vault, { printPdf })
    const aware_at = new Date(world.now()).toISOString()
    const incident = { title: '王小明', kind: 'insider', aware_at }
    const { id } = (await world.ok(world.platform, '/v1/incidents', incident)).body
    const headers = { accept: 'application/pdf, */*;q=0.1', authorization: `Bearer ${world.platform}` }
    const response = await world.app.request(`/v1/incidents/${id}/report?form=pipc`, { headers })
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(response.headers.get('content-disposition')).toBe(`inline; filename="${id}-report-pipc.pdf"`)
    const { text } = await extractText(new Uint8Array(await response.arrayBuffer()), { mergePages: true })
    expect(packed(text)).toContain('개인정보유출등신고서')
    expect(packed(text)).toContain('王小明')
  })

  test('many who ask at once are all served', async () => {
    const document = documentOf(makeReport(partsWith(), 'pipc', NOW))
    const printed = await Promise.all(Array.from({ length: 4 }, () => printPdf(document)))
    for (const bytes of printed) expect(new TextDecoder().decode(bytes.subarray(0, 5))).toBe('%PDF-')
  })
})
