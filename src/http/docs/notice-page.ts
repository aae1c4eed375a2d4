import { html } from 'hono/html'
import { toRfc3339 } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Words } from '../../vault/incidents/notices/words.ts'

const ARABIC_OR_HEBREW = /^(ar|fa|he|ur)\b/i

/** A public notice in all of its languages, from its plain texts alone. */
export async function noticePage(words: Words, publishedAt: Instant): Promise<string> {
  const at = toRfc3339(publishedAt)
  const [first = 'en'] = Object.keys(words)
  const texts = Object.entries(words).map(([language, said]) => {
    const direction = ARABIC_OR_HEBREW.test(language) ? 'rtl' : 'ltr'
    const paragraphs = said.text.split(/\n{2,}/).map((paragraph) => html`<p>${paragraph}</p>`)
    return html`<section lang="${language}" dir="${direction}">
      <h1>${said.subject}</h1>
      ${paragraphs}
    </section>`
  })
  const page = await html`<!doctype html>
    <html lang="${first}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${words[first]?.subject ?? ''}</title>
      </head>
      <body>
        <main>
          ${texts}
          <p><time datetime="${at}">${at}</time></p>
        </main>
      </body>
    </html>`
  return String(page)
}
