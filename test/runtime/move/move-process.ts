// `node move-process.ts FROM TO MAX_ROWS`: a move that says each of its steps, so that it can be killed after any of them.
import { readConfig } from '../../../src/runtime/node/config.ts'
import { move } from '../../../src/runtime/node/move/move.ts'

const [from = '', to = '', maxRows = ''] = process.argv.slice(2)
const say = (step: string) => void process.stdout.write(`${step}\n`)
await move(
  readConfig({}),
  { from, to, maxRows: Number(maxRows) },
  {
    stage: say,
    advanced: () => say('page'),
    restored: () => undefined,
    proven: () => say('proven'),
  },
)
say('moved')
