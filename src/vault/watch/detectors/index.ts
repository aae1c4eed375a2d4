import type { Detector } from '../detector.ts'
import { crowd } from './crowd.ts'
import { fullViews } from './full-views.ts'
import { hours } from './hours.ts'
import { manifest } from './manifest.ts'
import { newcomer } from './newcomer.ts'
import { pace } from './pace.ts'
import { refusals } from './refusals.ts'
import { search } from './search.ts'
import { spread } from './spread.ts'
import { unmoved } from './unmoved.ts'

/** A detector whose state and parameters are its own business. */
export type AnyDetector = Detector<unknown, Readonly<Record<string, number>>>

/** Each reads only what it wrote itself, under its own name and version. */
export const DETECTORS = [
  pace,
  newcomer,
  refusals,
  search,
  manifest,
  unmoved,
  hours,
  fullViews,
  spread,
  crowd,
] as unknown as readonly AnyDetector[]
