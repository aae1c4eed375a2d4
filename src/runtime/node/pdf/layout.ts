import type { Content, DocumentDefinition } from 'pdfmake'
import type { Block, ReportDocument, Section } from '../../../vault/incidents/report/blocks.ts'
import { timeWords } from '../../../vault/incidents/report/words.ts'
import { GREY, MARGIN, SHORT, blockContent, weightOf, written } from './blocks.ts'
import { runsOf } from './runs.ts'
import type { Used } from './runs.ts'

/** Of a page: a heading further down goes to the next one, with what it heads. */
const LAST_HEADING = 0.86

const LOST =
  'A character that no font here has is shown as □. The JSON and HTML forms of this report have it as it is.'

/** The document’s whole layout. `used` collects what fonts it needs. */
export function layout(document: ReportDocument, used: Used): DocumentDefinition {
  const { title, subtitle, madeAt, sections } = document
  const small = { color: GREY, fontSize: 8.5 }
  const body: Content[] = [
    written(title, used, { fontSize: 18, bold: true, lineHeight: 1.1 }),
    written(subtitle, used, { margin: [0, 2, 0, 2] }),
    written(`Made ${timeWords(madeAt)}. Confidential.`, used, small),
    ...sections.flatMap((section) => sectionContent(section, used)),
  ]
  const made = new Date(madeAt)
  return {
    pageSize: 'A4',
    pageMargins: [MARGIN, MARGIN, MARGIN, MARGIN + 6],
    language: 'en',
    info: { title, creationDate: made, modDate: made, producer: 'Cloakroom', creator: 'Cloakroom' },
    defaultStyle: { fontSize: 9.5, lineHeight: 1.2 },
    content: [
      ...body,
      ...(used.substituted ? [written(LOST, used, { ...small, margin: [0, 10, 0, 0] })] : []),
    ],
    footer: footerOf(document, used),
    pageBreakBefore: ({ headlineLevel, startPosition }) =>
      headlineLevel === 1 && startPosition.verticalRatio > LAST_HEADING,
  }
}

function footerOf({ subtitle, madeAt }: ReportDocument, used: Used): DocumentDefinition['footer'] {
  const style = { color: GREY, fontSize: 8 }
  const label = written(`${subtitle} · ${timeWords(madeAt)}`, used, style)
  // One font has them all, so that the page’s number needs no look at fonts that are not there any more.
  const font = runsOf('0123456789/', used)[0]?.slice.name
  return (page, pages) => ({
    margin: [MARGIN, 10, MARGIN, 0],
    columns: [
      label,
      {
        ...style,
        text: `${page}/${pages}`,
        alignment: 'right',
        width: 60,
        ...(font !== undefined && { font }),
      },
    ],
  })
}

/** What surely fits on a page stays together; of what may not, the heading stays with its beginning. */
function sectionContent({ heading, blocks }: Section, used: Used): readonly Content[] {
  const title = written(heading, used, { fontSize: 12, bold: true, margin: [0, 14, 0, 3] })
  const contents = blocksWithLabels(blocks).map((run) => blocksContent(run, used))
  const isShort = blocks.reduce((sum, block) => sum + weightOf(block), 0) < SHORT
  if (isShort) return [{ stack: [title, ...contents], unbreakable: true }]
  return [{ ...title, headlineLevel: 1 }, ...contents]
}

/** What a text announces stands on the same page: a label before a box belongs to it. */
function blocksWithLabels(blocks: readonly Block[]): readonly (readonly Block[])[] {
  return blocks.flatMap((block, at) => {
    const [before, next] = [blocks[at - 1], blocks[at + 1]]
    if (isLabel(block, next)) return []
    return [before && isLabel(before, block) ? [before, block] : [block]]
  })
}

function isLabel(block: Block, next: Block | undefined): boolean {
  return block.kind === 'text' && !block.note && next?.kind === 'code' && weightOf(next) < SHORT
}

function blocksContent(run: readonly Block[], used: Used): Content {
  const contents = run.map((block) => blockContent(block, used))
  const [only] = contents
  return contents.length === 1 && only !== undefined ? only : { stack: contents, unbreakable: true }
}
