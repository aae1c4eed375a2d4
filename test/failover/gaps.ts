/** @returns the longest time, in milliseconds, without any of the moments, from the last before `from` until `to`. */
export function longestGap(all: readonly number[], from: number, to: number): number {
  const before = all.findLast((at) => at < from) ?? from
  const moments = [before, ...all.filter((at) => at >= from && at <= to), to]
  return Math.max(...moments.slice(1).map((at, i) => at - (moments[i] ?? at)))
}
