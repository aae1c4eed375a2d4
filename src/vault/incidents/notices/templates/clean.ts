/** Longer texts are refused in a draft, and cut where one is shown before that. In characters, not bytes. */
export const MAX_ITEM_CHARS = 4_000
export const MAX_SUBJECT_CHARS = 150

/**
 * What nobody sees and what turns or hides other text: controls but for tab and line feed, bidirectional marks, embeddings, overrides and
 * isolates (Unicode TR #9), zero-width characters, the byte order mark, line and paragraph separators, tags, unpaired surrogates.
 */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu

/** As it may stand in a message: line ends are `\n`, nothing unseen, no more than two line ends together, NFC. */
export function cleanText(value: string, max = MAX_ITEM_CHARS): string {
  const lines = value.replaceAll(/\r\n?/g, '\n').replaceAll(UNSEEN, '').normalize('NFC')
  const text = lines
    .replaceAll(/[^\S\n]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
  return cut(text, max)
}

/** One line: what follows a line end cannot become a header of its own. */
export function cleanLine(value: string, max = MAX_SUBJECT_CHARS): string {
  return cut(cleanText(value, Number.POSITIVE_INFINITY).replaceAll(/\s+/gu, ' '), max)
}

/** Whether it tells a reader nothing: neither a letter nor a number is in it. */
export function blank(value: string): boolean {
  return !/[\p{L}\p{N}]/u.test(cleanText(value, Number.POSITIVE_INFINITY))
}

export function lengthOf(value: string): number {
  return Array.from(value).length
}

/** Never in the middle of a character. */
function cut(text: string, max: number): string {
  const characters = Array.from(text)
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`
}
