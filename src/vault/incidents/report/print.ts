import type { ReportDocument } from './blocks.ts'

/**
 * Makes a PDF of the document. All of its text is in the PDF as text, for what the fonts have; a character that they lack is `□`, and the
 * last page says so. Slow work, for the few who ask for it.
 */
export type PrintPdf = (document: ReportDocument) => Promise<Uint8Array>
