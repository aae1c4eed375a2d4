#!/usr/bin/env node
// The command's first step, in JavaScript that any Node understands: refuse an old Node in words, because the
// SQLite binding would crash on it, and say so when the build is missing.
import { existsSync } from 'node:fs'

const MIN_MAJOR = 22
const main = new URL('../dist/cli/main.js', import.meta.url)

if (Number(process.versions.node.split('.')[0]) < MIN_MAJOR) {
  console.error(
    `cloakroom: Node ${MIN_MAJOR} or newer is needed; this is ${process.versions.node}. ` +
      'In a clone, `npm start` brings a current one.',
  )
  process.exit(1)
}
if (!existsSync(main)) {
  console.error('cloakroom: not built yet. Run `npm run setup` first.')
  process.exit(1)
}
await import(main.href)
