// `node move-process.ts FROM TO MAX_ROWS`: a move that says each of its steps, so that it can be killed after any of them.
import { secret } from '../../../src/core/secret.ts'
import { readConfig } from '../../../src/runtime/node/config.ts'
import { move } from '../../../src/runtime/node/move/move.ts'

const [from = '', to = '', maxRows = ''] = process.argv.slice(2)
const say = (step: string) => void process.stdout.write(`${step}\n`)
const { CLOAKROOM_ADMIN_SECRET: adminSecret = '' } = process.env
await move(
  readConfig({}),
  { from, to, maxRows: Number(maxRows), adminSecret: secret(adminSecret) },
  {
    stage: say,
    advanced: () => say('page'),
    restored: () => undefined,
    atRest: () => undefined,
    proven: () => say('proven'),
  },
)
say('moved')
