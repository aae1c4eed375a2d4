import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/runtime/node/config.ts'
import { ROOT, copied, environmentOf, instructions, read, settings, unknownSettings } from './facts.ts'

const dockerfile = read('deploy/Dockerfile')
const steps = instructions(dockerfile)
const argsOf = (name: string) => steps.filter((step) => step.name === name).map(({ args }) => args)

describe('the image', () => {
  test('is made of what there is, and nothing else reaches its build', () => {
    const files = copied(dockerfile)
    expect(files).toContain('src')
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
    const ignore = read('deploy/Dockerfile.dockerignore').split('\n')
    const letIn = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    expect(ignore.find((line) => line !== '' && !line.startsWith('#'))).toBe('*')
    expect(letIn.toSorted()).toEqual([...new Set(files)].toSorted())
  })

  test('sets what the service reads, and the service takes it', () => {
    const environment = environmentOf(dockerfile)
    expect(unknownSettings(Object.keys(environment))).toEqual([])
    const config = readConfig(environment)
    expect([config.host, config.environment]).toEqual(['0.0.0.0', 'production'])
    expect(argsOf('EXPOSE')).toEqual([String(config.port)])
    expect(config.port).toBe(readConfig({}).port)
    const [volume] = argsOf('VOLUME')
    expect(volume).toMatch(/^\/var\/lib\//)
    for (const path of [config.dataFolder, config.rootKeyFile])
      expect(path.startsWith(`${volume}/`)).toBe(true)
  })

  test('negative control: a variable that nobody reads is found', () => {
    expect(settings().size).toBeGreaterThan(10)
    expect(unknownSettings(['CLOAKROOM_DATA', 'CLOAKROOM_DATABASE'])).toEqual(['CLOAKROOM_DATABASE'])
  })

  test('starts the command, by a user that is a number and not root', () => {
    const [entry] = argsOf('ENTRYPOINT').map((args) => JSON.parse(args) as string[])
    expect(entry?.[0]).toBe('node')
    expect(statSync(join(ROOT, entry?.[1]?.replace('/app/', '') ?? '')).isFile()).toBe(true)
    expect(argsOf('CMD')).toEqual(['["serve"]'])
    expect(argsOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d{3,}:[1-9]\d{3,}$/)])
    // What comes after it could change nothing in the image any more.
    const last = steps.findLastIndex(({ name }) => name === 'RUN' || name === 'COPY')
    expect(steps.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(last)
  })

  test('has a Node that the package takes and that the tests run on', () => {
    const [, major] = /node:(\d+)-/.exec(argsOf('ARG')[0] ?? '') ?? []
    const { engines, devDependencies } = JSON.parse(read('package.json')) as {
      engines: { node: string }
      devDependencies: { node: string }
    }
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]))
    expect(major).toBe(/\d+/.exec(devDependencies.node)?.[0])
  })

  test('has no package that is for development alone', () => {
    const installs = argsOf('RUN').filter((args) => args.startsWith('npm ci'))
    const last = steps.findLastIndex(({ name }) => name === 'FROM')
    const inImage = steps
      .slice(last)
      .filter(({ name, args }) => name === 'COPY' && args.includes('node_modules'))
    expect(inImage.map(({ args }) => args.split(' ', 1)[0])).toEqual(['--from=packages'])
    const stage = steps.slice(
      steps.findIndex(({ args }) => args.endsWith(' AS packages')),
      last,
    )
    expect(stage.filter(({ args }) => installs.includes(args)).map(({ args }) => args)).toEqual([
      expect.stringContaining('--omit=dev'),
    ])
  })

  test.each([
    ['that is ready', 200, 0],
    ['that is not ready', 503, 1],
    ['that does not answer', undefined, 1],
  ])('of a service %s the health check says so', async (_, status, code) => {
    const [node, ...args] = JSON.parse(
      /CMD (.+)$/.exec(argsOf('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]',
    ) as string[]
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status ?? 500).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    if (status === undefined) server.close()
    const child = spawn(process.execPath, args, { env: { PORT: String(port) }, stdio: 'ignore' })
    const [ended] = (await once(child, 'exit')) as [number]
    server.close()
    expect([node, ended, asked]).toEqual(['node', code, status === undefined ? [] : ['/readyz']])
  })
})
