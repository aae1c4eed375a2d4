import { describe, expect, test } from 'vitest'
import { HOUR_MS, after, instant } from '../../../../src/core/time.ts'
import type { Block } from '../../../../src/vault/incidents/report/blocks.ts'
import { documentOf } from '../../../../src/vault/incidents/report/document.ts'
import { FORMS } from '../../../../src/vault/incidents/report/forms/index.ts'
import { REPORT_STYLE, renderReportHtml } from '../../../../src/vault/incidents/report/html.ts'
import { makeReport } from '../../../../src/vault/incidents/report/make.ts'
import { FORM_CODES } from '../../../../src/vault/incidents/report/report.ts'
import type { FormCode, ReportParts } from '../../../../src/vault/incidents/report/report.ts'
import { EVERYTHING } from '../notices/drafts.ts'
import { AWARE, BARE, CLOCKS, INCIDENT, NOTICE, NOW, partsWith } from './parts.ts'

function codesOf(parts: ReportParts, form: FormCode | null = null): readonly string[] {
  return makeReport(parts, form, NOW).openPoints.map(({ code }) => code)
}

test('a clock that was met late says by how much, and one in time does not', () => {
  const metBy = (lateByMs: number) => {
    const clocks = CLOCKS.map((clock) => ({ ...clock, state: 'met' as const, lateByMs }))
    const { sections } = documentOf(makeReport(partsWith({ clocks }), null, NOW))
    const [table] = sections.find(({ heading }) => heading === 'Clocks of the law')?.blocks ?? []
    return new Set(table?.kind === 'table' ? table.rows.map((row) => row[3]?.text) : [])
  }
  expect(metBy(45 * HOUR_MS)).toEqual(new Set(['met, late by 1 d 21 h']))
  expect(metBy(0)).toEqual(new Set(['met']))
})

describe('open points', () => {
  test('an incident of which nothing is known says so, point by point', () => {
    expect(codesOf(BARE)).toEqual([
      'not_assessed',
      'not_contained',
      'scope_without_bounds',
      'no_notice',
      'proof_pending',
    ])
  })

  test('the control: one that is done has none', () => {
    const notices = [{ ...NOTICE, queued: 0, bounced: 0, failed: 0 }]
    expect(codesOf(partsWith({ clocks: [], notices }))).toEqual([])
  })

  test('a clock without its notice, a notice that did not arrive, containment that runs', () => {
    const report = makeReport(partsWith(), null, NOW)
    const about = (code: string) =>
      report.openPoints.filter((point) => point.code === code).map((one) => one.about)
    expect(about('clock_open')).toContain('eu-gdpr-33-1')
    expect(about('notice_incomplete')).toEqual([NOTICE.id])
    const containment = INCIDENT.containment.map((one) => ({ ...one, state: 'running' as const }))
    expect(codesOf(partsWith({ incident: { ...INCIDENT, containment } }))).toContain('containment_running')
  })
})

describe('a form', () => {
  test.each(FORM_CODES)('%s has all of its items, in its order, whatever is known', (code) => {
    const numbers = FORMS[code].items.filter(({ only }) => only === undefined).map(({ number }) => number)
    for (const parts of [BARE, partsWith(), partsWith({ texts: EVERYTHING })]) {
      expect(makeReport(parts, code, NOW).form?.items.map(({ number }) => number)).toEqual(numbers)
    }
  })

  test.each(FORM_CODES)(
    '%s: what is known is filled in, what is missing is open, and never both left out',
    (code) => {
      const { form } = makeReport(partsWith(), code, NOW)
      for (const { parts, open } of form?.items ?? []) {
        expect(open).toBe(parts.some((part) => part.open))
        for (const part of parts) expect(part.open || part.lines.length > 0).toBe(true)
      }
      expect(JSON.stringify(form)).toContain('12\u00a0345')
      expect(form?.items.some(({ open }) => open)).toBe(true)
      // The control: with everything said, nothing is open but what nobody but the law’s clock knows.
      const said = makeReport(partsWith({ texts: EVERYTHING }), code, NOW).form
      const still = said?.items.flatMap(({ parts }) => parts).filter(({ open }) => open)
      expect(still?.map(({ label }) => label)).toEqual(code === 'cac' ? ['Grade 级别'] : [])
    },
  )

  test('what the vault knows is said in the form’s language, with nothing of another in between', () => {
    const linesOf = (code: FormCode) =>
      makeReport(partsWith(), code, NOW).form?.items.flatMap(({ parts }) =>
        parts.flatMap(({ lines }) => lines),
      )
    expect(linesOf('cac')).toContain('电话号码，完整显示：11\u00a0002')
    expect(linesOf('cac')).toContain('已吊销访问凭证 (访问凭证：1)，开始于 2026-11-25 10:06:00 UTC')
    expect(linesOf('pipc')).toContain('정보주체 수: 12\u00a0345')
    expect(linesOf('gdpr-33')).toContain('Persons: 12\u00a0345')
    for (const code of ['cac', 'pipc'] as const) {
      const words = linesOf(code)?.filter((line) => !line.includes('Key of shop A'))
      expect(words?.join('\n').replaceAll(/UTC|\b(CN|KR|DE|EU)\b/g, '')).not.toMatch(/[A-Za-z]/)
    }
  })

  test('GDPR 33: reasons for the delay are asked for after 72 hours, and not at 72 hours', () => {
    const has = (now: number) =>
      makeReport(partsWith(), 'gdpr-33', instant(now)).form?.items.some(({ number }) => number === '33(1)')
    const end = after(AWARE, 72 * HOUR_MS)
    expect([has(end - 1), has(end), has(end + 1)]).toEqual([false, false, true])
  })

  test('blank texts do not answer', () => {
    const { form } = makeReport(partsWith({ texts: { contact: ' \u200b ' } }), 'gdpr-33', NOW)
    expect(form?.items.find(({ number }) => number === '33(3)(b)')?.open).toBe(true)
  })
})

describe('what it holds', () => {
  test('no name of an operator, of a party or of a credential: how many there were', () => {
    const { scope } = makeReport(partsWith(), null, NOW)
    const text = JSON.stringify(scope)
    for (const name of ['Zhang San', 'emp-17', 'mer_1', 'key_1']) expect(text).not.toContain(name)
    expect(scope).toMatchObject({ parties: 1, credentials: 1, operators: 2, devices: 0 })
  })
})

/** Every text that a reader of the document sees. */
function textsOf(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'text' || block.kind === 'code') return [block.text]
    if (block.kind === 'facts') return block.rows.flatMap(([label, { text }]) => [label, text])
    return [...block.columns, ...block.rows.flat().map(({ text }) => text)]
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

/** As a browser shows it, all white space as one. */
function shownBy(html: string): string {
  const body = html.slice(html.indexOf('<body>')).replaceAll(/<[^>]*>/g, ' ')
  return body
    .replaceAll(/&(amp|lt|gt|quot|#39);/g, (escape) => ESCAPES[escape] ?? escape)
    .replaceAll(/\s+/g, ' ')
}

describe('the HTML', () => {
  test.each([null, ...FORM_CODES])('of form %s says all that the document says', (form) => {
    const document = documentOf(makeReport(partsWith({ texts: EVERYTHING }), form, NOW))
    const shown = shownBy(renderReportHtml(document))
    const texts = document.sections.flatMap(({ heading, blocks }) => [heading, ...textsOf(blocks)])
    expect(texts.length).toBeGreaterThan(100)
    expect(texts.filter((text) => !shown.includes(text.replaceAll(/\s+/g, ' ')))).toEqual([])
    expect(shown).not.toMatch(/undefined|\[object|NaN/)
  })

  test('is of its own: no script, nothing from elsewhere, and the one style is what the policy’s hash is of', () => {
    const html = renderReportHtml(documentOf(makeReport(partsWith(), 'cac', NOW)))
    expect(html).not.toMatch(/<script|<link|<img|<iframe|src=|href=|url\(|@import|\son\w+=|style="/i)
    expect(/<style>([^]*)<\/style>/.exec(html)?.[1]).toBe(REPORT_STYLE)
  })

  test('hostile titles and reasons are text', () => {
    const hostile = '</style><script>alert(1)</script>\u202eevil & "x"'
    const incident = {
      ...INCIDENT,
      title: hostile,
      steps: INCIDENT.steps.map((step) => ({ ...step, reason: hostile })),
    }
    const html = renderReportHtml(documentOf(makeReport(partsWith({ incident }), 'gdpr-33', NOW)))
    expect(html).not.toMatch(/<script|\u202e/)
    expect(html.match(/<\/style>/g)).toHaveLength(1)
    expect(html).toContain('&lt;script&gt;')
  })
})
