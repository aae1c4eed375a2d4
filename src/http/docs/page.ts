import { html, raw } from 'hono/html'
import type { OpenApiDocument } from '../openapi.ts'

/** The document as a page: made here, from the document itself, so that it needs no script and nobody else's server. */

type Schema = Readonly<Record<string, unknown>>
type Media = Readonly<Record<string, { schema?: Schema }>>
type Parameter = { name: string; in: string; required?: boolean; description?: string }
type Operation = {
  tags?: readonly string[]
  summary?: string
  description?: string
  parameters?: readonly Parameter[]
  requestBody?: { content: Media }
  responses: Readonly<Record<string, { description: string; content?: Media }>>
}
type Entry = { method: string; path: string; operation: Operation }
type Html = ReturnType<typeof html>

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

function entriesOf(document: OpenApiDocument): Entry[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined
      return operation ? [{ method: method.toUpperCase(), path, operation }] : []
    }),
  )
}

function anchor({ method, path }: Entry): string {
  return `${method}${path}`.replaceAll(/[^A-Za-z0-9]+/g, '-')
}

/** Paragraphs and `code`: all the Markdown that the document uses. */
function prose(text: string | undefined): Html[] {
  return (text ?? '').split('\n\n').map((paragraph) => {
    const parts = paragraph.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
    return html`<p>${parts}</p>`
  })
}

function schemaBlock(title: string, content: Media | undefined): Html | string {
  const [media, { schema } = {}] = Object.entries(content ?? {})[0] ?? []
  if (media === undefined || schema === undefined) return ''
  return html`<details>
    <summary>${title} <code>${media}</code></summary>
    <pre tabindex="0">${JSON.stringify(schema, null, 2)}</pre>
  </details>`
}

function parametersOf({ parameters = [] }: Operation): Html | string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(
    ({ name, in: place, required, description }) =>
      html`<tr>
        <th scope="row"><code>${name}</code></th>
        <td>${place}${required ? ', required' : ''}</td>
        <td>${prose(description)}</td>
      </tr>`,
  )
  return html`<table>
    <caption>
      Parameters
    </caption>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function responsesOf({ responses }: Operation): Html {
  const rows = Object.entries(responses).map(
    ([status, { description, content }]) =>
      html`<tr>
        <th scope="row">${status}</th>
        <td>${prose(description)} ${status.startsWith('2') ? schemaBlock('Body', content) : ''}</td>
      </tr>`,
  )
  return html`<table>
    <caption>
      Answers
    </caption>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function sectionOf(entry: Entry): Html {
  const { method, path, operation } = entry
  return html`<section id="${anchor(entry)}">
    <h3><span class="method">${method}</span> <code>${path}</code></h3>
    <p class="summary">${operation.summary}</p>
    ${prose(operation.description)} ${parametersOf(operation)}
    ${schemaBlock('Request body', operation.requestBody?.content)} ${responsesOf(operation)}
  </section>`
}

function schemasOf(document: OpenApiDocument): Html[] {
  return Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) =>
      html`<details id="schema-${name}">
        <summary><code>${name}</code></summary>
        <pre tabindex="0">${JSON.stringify(schema, null, 2)}</pre>
      </details>`,
  )
}

export function docsPage(document: OpenApiDocument): string {
  const byTag = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags?.[0] ?? '')
  const tags = new Map((document.tags ?? []).map(({ name, description }) => [name, description ?? name]))
  const contents = [...byTag].map(
    ([tag, entries]) =>
      html`<li>
        ${tags.get(tag) ?? tag}
        <ul>
          ${entries.map((entry) => html`<li><a href="#${anchor(entry)}">${entry.method} ${entry.path}</a></li>`)}
        </ul>
      </li>`,
  )
  const chapters = [...byTag].map(
    ([tag, entries]) =>
      html`<h2>${tags.get(tag) ?? tag}</h2>
        ${entries.map(sectionOf)}`,
  )
  const page = html`${raw('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API ${document.info.version}</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <header>
          <h1>${document.info.title} API ${document.info.version}</h1>
          ${prose(document.info.description)}
          <p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
        </header>
        <nav aria-label="Contents">
          <ul>
            ${contents}
          </ul>
        </nav>
        <main>
          ${chapters}
          <h2>Schemas</h2>
          ${schemasOf(document)}
        </main>
      </body>
    </html>`
  if (page instanceof Promise) throw new Error('a part of the page is not ready')
  return page.toString()
}

export const docsStyle = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid; border-radius: 0.25rem; }
section { border-top: 1px solid; padding: 0.5rem 0 1rem; }
.method { font-weight: 700; }
.summary { font-weight: 600; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid; }
td p, th p { margin: 0; }
nav ul { padding-left: 1.25rem; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
`
