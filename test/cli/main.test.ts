import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Workbench } from './import/run-import.ts'

async function cloakroom(...args: string[]) {
  await using bench = await Workbench.make()
  return await bench.cloakroom(...args)
}

test('--help lists the commands and ends well', async () => {
  const ended = await cloakroom('--help')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toMatch(/^ {2}import /m)
})

test('--help of a command says how it is called', async () => {
  const ended = await cloakroom('import', '--help')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toContain('--format shopify|taobao')
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await cloakroom('--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
})

test.each([
  [[], 'Usage: cloakroom'],
  [['nonsense'], 'no command "nonsense"'],
  [['import'], 'one FILE'],
  [['import', 'a.csv', '--format', 'ebay'], '--format'],
  [['import', 'a.csv', '--frmat', 'ebay'], '--frmat'],
])('a call that cannot be understood ends with 2: %o', async (args, said) => {
  const ended = await cloakroom(...args)
  expect(ended).toMatchObject({ code: 2, stdout: '' })
  expect(ended.stderr).toContain(said)
})
