/** What one proof saw. A proof holds when `failures` is empty and its negative control failed as it must. */
export type ProofReport = {
  /** Counts and sizes, by name, for the printed report. */
  figures: Record<string, number | string>
  /** One line for each thing that went wrong; the first hundred suffice. */
  failures: string[]
  /** The same check where it has to fail: what was broken, and what the check then found (more than 0, or it proves nothing). */
  control: { broken: string; found: number }
}
