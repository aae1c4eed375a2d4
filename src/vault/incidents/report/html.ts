import { html, raw } from 'hono/html'
import { unreachable } from '../../../core/errors.ts'
import { FACTS_WIDTHS } from './blocks.ts'
import type { Block, Cell, ReportDocument, Section } from './blocks.ts'
import { timeWords } from './words.ts'

type Html = ReturnType<typeof html>

/** A column’s width by a class: a policy without inline style would not take it otherwise. */
const WIDTHS = Array.from(
  { length: 24 },
  (_, n) => `.w${n + 1} { width: ${(((n + 1) / 24) * 100).toFixed(2)}%; }`,
).join('\n')

/** Of its own: no script, no other file, nothing from elsewhere. The one way for style to come in; its hash is what a policy allows. */
export const REPORT_STYLE = `
@page { size: A4; margin: 18mm; }
:root { color-scheme: light; }
body { font: 11pt/1.45 "Noto Sans", "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Malgun Gothic", sans-serif; color: #111; background: #fff; max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.5em; margin: 0; }
h2 { font-size: 1.1em; margin: 1.5em 0 0.4em; border-bottom: 1px solid #999; break-after: avoid; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: 0.4em 0; }
th, td { text-align: left; vertical-align: top; padding: 0.2em 0.6em 0.2em 0; border-bottom: 1px solid #ddd; white-space: pre-line; }
th { font-weight: 600; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.85em; }
code { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #ddd; padding: 0.5em; margin: 0.3em 0; break-inside: avoid; }
p:has(+ pre) { break-after: avoid; }
${WIDTHS}
.note { color: #444; font-size: 0.9em; }
.open { background: #fff3c4; border: 1px solid #8a6d00; padding: 0 0.3em; }
@media print { body { font-size: 9pt; max-width: none; padding: 0; } }
@media screen and (max-width: 40rem) {
.wide, .wide tbody, .wide tr, .wide td { display: block; }
.wide colgroup, .wide thead { display: none; }
.wide tr { border-bottom: 1px solid #999; padding: 0.3em 0; }
.wide td { display: grid; grid-template-columns: 8em 1fr; gap: 0.5em; border: 0; padding: 0.1em 0; }
.wide td::before { content: attr(data-label); font-weight: 600; white-space: normal; }
}
`

/** Self-contained. Values are escaped by hono/html, which the service has already and which is the same in a Worker. */
export function renderReportHtml({ title, subtitle, madeAt, sections }: ReportDocument): string {
  const page = html`${raw('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${raw(`<style>${REPORT_STYLE}</style>`)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>${subtitle}</p>
          <p class="note">Made ${timeWords(madeAt)}. Confidential.</p>
        </header>
        <main>${sections.map(sectionHtml)}</main>
      </body>
    </html>`
  if (page instanceof Promise) throw new Error('a part of the report is not ready')
  return page.toString()
}

function sectionHtml({ heading, blocks }: Section): Html {
  return html`<section>
    <h2>${heading}</h2>
    ${blocks.map(blockHtml)}
  </section>`
}

function blockHtml(block: Block): Html {
  switch (block.kind) {
    case 'text':
      return block.note ? html`<p class="note">${block.text}</p>` : html`<p>${block.text}</p>`
    case 'code':
      return html`<pre>${block.text}</pre>`
    case 'facts':
      return html`<table>
        ${columnsOf(FACTS_WIDTHS)}
        <tbody>
          ${block.rows.map(
            ([label, value]) =>
              html`<tr>
                <th scope="row">${label}</th>
                <td>${cellHtml(value)}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
    case 'table':
      return html`<table class="${block.columns.length > 2 ? 'wide' : 'narrow'}">
        ${columnsOf(block.widths)}
        <thead>
          <tr>
            ${block.columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${block.rows.map(
            (row) =>
              html`<tr>
                ${row.map((value, at) => labelled(value, block.columns[at] ?? ''))}
              </tr>`,
          )}
        </tbody>
      </table>`
    default:
      return unreachable(block)
  }
}

/** On a narrow screen each cell stands on a line of its own, behind the name of its column. */
function labelled(value: Cell, column: string): Html {
  return html`<td data-label="${column}"><span>${cellHtml(value)}</span></td>`
}

/** Twelfths, whole or half ones. */
function columnsOf(widths: readonly number[]): Html {
  return html`<colgroup>
    ${widths.map((twelfths) => html`<col class="w${Math.round(twelfths * 2)}" />`)}
  </colgroup>`
}

function cellHtml({ text, open, code }: Cell): Html | string {
  if (open) return html`<span class="open">${text}</span>`
  return code ? html`<code>${text}</code>` : text
}
