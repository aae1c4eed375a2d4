import { serveWitness } from '../../src/cli/witness.ts'
import { parseOptions } from '../../src/cli/witness/options.ts'
import type { WitnessState } from '../../src/cli/witness/state.ts'

/** The mistake that the tests of a witness's memory have to find: it is right until it is started again. */
function memoryAlone(): WitnessState {
  const kept = new Map<string, string>()
  return {
    find: (origin) => Promise.resolve(kept.get(origin)),
    keep: (origin, note) => Promise.resolve(void kept.set(origin, note)),
  }
}

const options = parseOptions(process.argv.slice(2))
if (typeof options === 'string' || options.action !== 'serve') throw new Error('not how a witness is started')
process.exitCode = await serveWitness(options, process, memoryAlone)
