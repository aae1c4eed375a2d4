// Brings a fresh clone to where `npm start` and `npm test` can run. Plain JavaScript for Node 18 and newer:
// it runs on the machine's own Node, before the project's current one is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const MIN_SETUP_MAJOR = 18
const MIN_SERVICE_MAJOR = 22

function fail(message) {
  console.error(`set-up: ${message}`)
  process.exit(1)
}

/** Runs one program with the terminal attached; a failure ends the set-up with its name. */
function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (done.error) fail(`${command}: ${done.error.message}`)
  if (done.status !== 0) fail(`\`${command} ${args.join(' ')}\` ended with ${done.status ?? done.signal}`)
}

function digest(parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(String(part)).update('\0')
  return hash.digest('hex')
}

function stampMatches(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.cloakroom-setup')
  const wanted = digest([
    readFileSync(join(root, 'package.json')),
    readFileSync(join(root, 'package-lock.json')),
    process.platform,
    process.arch,
  ])
  if (stampMatches(stamp, wanted)) return
  console.error('set-up: installing packages (npm ci) …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

function currentNode() {
  const bundled = join(root, 'node_modules', 'node', 'bin', 'node')
  const node = existsSync(bundled) ? bundled : process.execPath
  const major = Number(spawnSync(node, ['-p', 'process.versions.node.split(".")[0]']).stdout)
  if (!(major >= MIN_SERVICE_MAJOR)) fail(`Node ${MIN_SERVICE_MAJOR} or newer is needed; ${node} is ${major}`)
  return node
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sourceFiles(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}

function build(node) {
  const stamp = join(root, 'dist', '.stamp')
  const inputs = [
    ...sourceFiles(join(root, 'src')),
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.build.json'),
  ]
  const wanted = digest(inputs.sort().flatMap((file) => [file, statSync(file).mtimeMs, statSync(file).size]))
  if (stampMatches(stamp, wanted)) return
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(node, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
  writeFileSync(stamp, wanted)
}

if (Number(process.versions.node.split('.')[0]) < MIN_SETUP_MAJOR) {
  fail(`Node ${MIN_SETUP_MAJOR} or newer is needed to set up; this is ${process.versions.node}`)
}
installPackages()
build(currentNode())
