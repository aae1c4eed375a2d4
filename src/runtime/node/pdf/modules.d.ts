// As much of these as is used here. @types/pdfmake brings the browser's globals in, which would then type-check everywhere.

declare module 'subset-font' {
  /** The font, with its axes pinned; with `keepAllGlyphs` nothing is left out and there is no `text`. */
  export default function subsetFont(
    font: Buffer,
    text: undefined,
    options: {
      targetFormat: 'truetype'
      keepAllGlyphs: true
      variationAxes: Readonly<Record<string, number>>
    },
  ): Promise<Buffer>
}

declare module 'pdfmake' {
  /** In points, left, top, right, bottom. */
  type Sides = readonly [number, number, number, number]

  export type Style = {
    font?: string
    fontSize?: number
    bold?: boolean
    color?: string
    lineHeight?: number
    alignment?: 'left' | 'right'
    margin?: Sides
    fillColor?: string
    wordBreak?: 'break-all'
    headlineLevel?: number
    unbreakable?: boolean
    width?: number
  }

  export type TextNode = Style & { text: string | readonly (Style & { text: string })[] }

  export type TableLayout = {
    hLineWidth?: (line: number, node: { table: { body: readonly unknown[] } }) => number
    vLineWidth?: () => number
    hLineColor?: () => string
    vLineColor?: () => string
    paddingLeft?: () => number
    paddingRight?: () => number
    paddingTop?: () => number
    paddingBottom?: () => number
  }

  export type Content =
    | TextNode
    | (Style & { stack: readonly Content[] })
    | (Style & { columns: readonly Content[] })
    | (Style & {
        table: {
          body: readonly (readonly Content[])[]
          widths: readonly (number | '*')[]
          headerRows?: number
          keepWithHeaderRows?: number
          dontBreakRows?: boolean
        }
        layout: TableLayout
      })

  export type DocumentDefinition = {
    pageSize: 'A4'
    pageMargins: Sides
    language: string
    info: { title: string; creationDate: Date; modDate: Date; producer: string; creator: string }
    defaultStyle: Style
    content: readonly Content[]
    footer: (page: number, pages: number) => Content
    pageBreakBefore: (node: { headlineLevel?: number; startPosition: { verticalRatio: number } }) => boolean
  }

  const pdfmake: {
    setUrlAccessPolicy(allows: (url: string) => boolean): void
    setLocalAccessPolicy(allows: (path: string) => boolean): void
    addFonts(fonts: Readonly<Record<string, Readonly<Record<string, string>>>>): void
    virtualfs: { writeFileSync(name: string, content: Buffer): void }
    createPdf(definition: DocumentDefinition): { getBuffer(): Promise<Buffer> }
  }
  export default pdfmake
}
