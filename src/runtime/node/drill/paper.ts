import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { VaultError } from '../../../core/errors.ts'
import type { FormCode } from '../../../vault/incidents/report/report.ts'
import type { Caller } from './caller.ts'

/** Where report and letters go; without a folder they are made all the same, and left. */
export class Papers {
  readonly #folder: string | undefined
  readonly written: string[] = []

  private constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** @throws VaultError `folder_not_empty`: nothing is written over. */
  static async in(folder: string | undefined): Promise<Papers> {
    if (folder === undefined) return new Papers(undefined)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length > 0) {
      throw new VaultError('folder_not_empty', `${folder} is not empty: a drill writes over nothing.`)
    }
    return new Papers(folder)
  }

  get kept(): boolean {
    return this.#folder !== undefined
  }

  async put(name: string, content: string | Uint8Array): Promise<void> {
    if (this.#folder === undefined) return
    await writeFile(join(this.#folder, name), content, { flag: 'wx', mode: 0o600 })
    this.written.push(name)
  }
}

const TYPES = { json: 'application/json', html: 'text/html', pdf: 'application/pdf' } as const

/** The forms that an authority asks for, by the law that is its. */
const FORM_OF: Readonly<Record<string, FormCode>> = { EU: 'gdpr-33', CN: 'cac', KR: 'pipc' }

export type Printed = { name: string; bytes: number }

/** The report in each format, and, where it is kept, as the form of each authority that is told. */
export async function printReports(
  officer: Caller,
  incident: string,
  authorities: readonly string[],
  papers: Papers,
): Promise<readonly Printed[]> {
  const path = `/v1/incidents/${incident}/report`
  const told = papers.kept ? authorities : []
  const forms = told.map((code) => FORM_OF[code]).filter((form) => form !== undefined)
  const wanted = [
    ...Object.entries(TYPES).map(([end, accept]) => ({ name: `report.${end}`, accept, query: '' })),
    ...forms.map((form) => ({ name: `report-${form}.pdf`, accept: TYPES.pdf, query: `?form=${form}` })),
  ]
  const printed: Printed[] = []
  for (const { name, accept, query } of wanted) {
    const content = await officer.bytes(`${path}${query}`, { accept })
    await papers.put(name, content)
    printed.push({ name, bytes: content.length })
  }
  return printed
}
