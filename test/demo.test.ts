import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isFound, needlesOf, searchFolder } from '../scripts/demo/search.ts'
import { LAUNCHER } from '../scripts/demo/service.ts'
import { Differs, Teller } from '../scripts/demo/tell.ts'

const DEMO = fileURLToPath(new URL('../scripts/demo.ts', import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Ran = { code: number | null; stdout: string; stderr: string; left: string[] }

async function runDemo(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [DEMO, ...args], {
    env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text))
  await once(child, 'close')
  const left = readdirSync(folder).filter((name) => name.startsWith('cloakroom-demo-'))
  return { ...ran, code: child.exitCode, left }
}

/** The real command, but for one fault. */
function faultyLauncher(fault: string): string {
  const path = join(folder, 'faulty.mjs')
  writeFileSync(path, `${fault}\nawait import(${JSON.stringify(LAUNCHER)})\n`)
  return path
}

describe('npm run demo', () => {
  test('everything that it says holds, and nothing is left behind', async () => {
    const { code, stdout, stderr, left } = await runDemo()
    expect({ code, stderr, left }).toEqual({ code: 0, stderr: '', left: [] })
    expect(stdout).toMatch(/^All of it holds: 18 steps, \d+ checks, /m)
  })

  test('control: a service that leaves one phone number on disk ends it at that step', async () => {
    const leak = Buffer.from('call +8615236695603 first').toString('base64')
    const fault = `import { appendFileSync } from 'node:fs'
      const folder = process.env.CLOAKROOM_DATA
      if (folder && process.argv.includes('serve')) process.on('exit', () => appendFileSync(folder + '/trace.log', ${JSON.stringify(leak)}))`
    const { code, stdout, stderr, left } = await runDemo('--launcher', faultyLauncher(fault))
    expect({ code, left }).toEqual({ code: 1, left: [] })
    expect(stderr).toMatch(
      /step 17.*\n\s+says\s+Nothing of her is there\.\n\s+expected\s+\[\]\n\s+got\s+.*trace\.log/,
    )
    expect(stdout).not.toContain('All of it holds')
  })

  test('control: a mail server that takes every notice and brings none ends it where one should have come', async () => {
    const fault = `import { SMTPServer } from ${JSON.stringify(createRequire(import.meta.url).resolve('smtp-server'))}
      if (process.argv.includes('serve')) {
        const server = new SMTPServer({ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'],
          onData(stream, session, done) { stream.resume().on('end', () => done(null)) } })
        await new Promise((listens) => server.listen(0, '127.0.0.1', listens))
        server.server.unref()
        process.env.CLOAKROOM_SMTP_URL = 'smtp://127.0.0.1:' + server.server.address().port + '?tls=none'
      }`
    const { code, stderr, left } = await runDemo('--launcher', faultyLauncher(fault))
    expect({ code, left }).toEqual({ code: 1, left: [] })
    expect(stderr).toMatch(/step 15, “Everybody is told”\n\s+says\s+As many mails came as the vault says/)
  })

  test('control: a command that does not start ends it at the first step', async () => {
    const { code, stderr, left } = await runDemo('--launcher', faultyLauncher('process.exit(3)'))
    expect({ code, left }).toEqual({ code: 1, left: [] })
    expect(stderr).toContain('step 1, “An empty folder”')
  })
})

test('what does not hold is not said', () => {
  const written: string[] = []
  const tell = new Teller({ write: (text: string) => written.push(text) })
  tell.step('A step', 'Something is done.')
  expect(() => tell.holds('Two is three.', 2, 3)).toThrow(Differs)
  expect(() => tell.holds('Two is three.', 2, 3)).toThrow(/step 1, “A step”\n.*Two is three\.\n.*3\n.*2/)
  expect(written.join('')).not.toContain('Two is three.')
  expect(tell.counts).toEqual({ steps: 1, claims: 0 })
})

describe('the search', () => {
  const words = [
    '高秀兰',
    '15236695603',
    'buyer1.0@example.net',
    '建设大道898号翠湖天地7栋1单元604室',
    'Søren Ågård',
  ]

  test('finds a text in every form, and in none where it is not', () => {
    expect(words.map(isFound)).toEqual(words.map(() => true))
    words.forEach((word, i) => writeFileSync(join(folder, `${i}`), `{"value":"${word}"}`))
    const { files, hits } = searchFolder(folder, words.flatMap(needlesOf))
    expect({ files, found: new Set(hits.map(({ text }) => text)) }).toEqual({
      files: words.length,
      found: new Set(words),
    })
    expect(searchFolder(folder, needlesOf('上官超杰')).hits).toEqual([])
  })

  test('looks into file names too', () => {
    writeFileSync(join(folder, '高秀兰.txt'), '')
    expect(searchFolder(folder, needlesOf('高秀兰')).hits).toHaveLength(1)
  })
})
