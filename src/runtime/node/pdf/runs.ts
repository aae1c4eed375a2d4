import { sliceFor } from './faces.ts'
import type { Slice } from './faces.ts'

/** A stretch of text that one font has. */
export type Run = { text: string; slice: Slice }

/** What stands for a character that no font has. */
const SUBSTITUTE = '□'

/** What one document uses, and whether anything in it could not be shown. */
export type Used = { slices: Set<Slice>; substituted: boolean }

/** The text as runs of one font each; line ends stay in them. */
export function runsOf(text: string, used: Used): readonly Run[] {
  const runs: { text: string; slice: Slice }[] = []
  for (const character of text) {
    const last = runs.at(-1)
    // A line end has no glyph: it goes with whatever stands before it.
    const slice = character === '\n' && last ? last.slice : sliceFor(character.codePointAt(0) ?? 0)
    const shown = slice ? character : SUBSTITUTE
    const from = slice ?? substituteSlice(used)
    if (last && last.slice === from) last.text += shown
    else runs.push({ text: shown, slice: from })
    used.slices.add(from)
  }
  return runs
}

function substituteSlice(used: Used): Slice {
  used.substituted = true
  const slice = sliceFor(SUBSTITUTE.codePointAt(0) ?? 0)
  if (!slice) throw new Error(`no font has ${SUBSTITUTE}`)
  return slice
}
