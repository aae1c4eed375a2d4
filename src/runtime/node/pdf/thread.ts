import { parentPort, workerData } from 'node:worker_threads'
import type { ReportDocument } from '../../../vault/incidents/report/blocks.ts'
import { makePdf } from './make-pdf.ts'

// One document, and then the thread ends: fonts and layout take some hundred MB for a moment and give them back.
const bytes = await makePdf(workerData as ReportDocument)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows
parentPort?.postMessage(bytes)
