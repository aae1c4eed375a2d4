import pdfmake from 'pdfmake'
import type { ReportDocument } from '../../../vault/incidents/report/blocks.ts'
import { WEIGHTS, faceOf } from './faces.ts'
import type { Slice, Weight } from './faces.ts'
import { layout } from './layout.ts'
import type { Used } from './runs.ts'

// Nothing is fetched and no file is read but those of the fonts, whatever stands in a document.
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy(() => false)

/** The bytes of a PDF 1.3 with its fonts in it, as subsets. Keeps the thread busy: see `printPdf`. */
export async function makePdf(document: ReportDocument): Promise<Uint8Array> {
  const used: Used = { slices: new Set(), substituted: false }
  const definition = layout(document, used)
  for (const slice of used.slices) await provide(slice)
  return new Uint8Array(await pdfmake.createPdf(definition).getBuffer())
}

async function provide(slice: Slice): Promise<void> {
  const files: [Weight, string][] = []
  for (const weight of Object.keys(WEIGHTS) as Weight[]) {
    const name = `${slice.name}-${weight}.ttf`
    pdfmake.virtualfs.writeFileSync(name, await faceOf(slice, weight))
    files.push([weight, name])
  }
  pdfmake.addFonts({ [slice.name]: Object.fromEntries(files) })
}
