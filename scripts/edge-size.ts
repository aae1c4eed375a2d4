// What would be deployed to the edge: whether it bundles, how large it is, and whether anything in it is for Node alone.
import { WORKERS, bundleWorker } from './edge/bundle.ts'

const MIB = 1024 * 1024
/** Workers Free: 3 MiB after gzip; Workers Paid: 10. */
const MAX_GZIP_BYTES = 3 * MIB

for (const config of WORKERS) {
  const { gzipBytes, foreign } = bundleWorker(config)
  console.log(`wrangler deploy --dry-run -c ${config}: bundled
compressed: ${(gzipBytes / 1024).toFixed(1)} KiB of ${MAX_GZIP_BYTES / 1024} KiB
for Node alone: ${foreign.length === 0 ? 'nothing' : foreign.join(', ')}`)
  if (gzipBytes > MAX_GZIP_BYTES || foreign.length > 0) process.exitCode = 1
}
