// PostgreSQL's write-ahead log, as its pages are written: put together to records. Layout: src/include/access/xlogrecord.h and
// xlog_internal.h of PostgreSQL 15 to 18.

const PAGE_BYTES = 8_192
export const SEGMENT_BYTES = 16 * 1024 * 1024
const SEGMENTS_A_FILE_NUMBER = 0x1_0000_0000 / SEGMENT_BYTES

const PAGE_HEADER_BYTES = 24
/** The first of a segment says more. */
const LONG_HEADER_BYTES = 40
const IS_LONG = 0x0002
const CONTINUED_BYTES_AT = 16

const RECORD_HEADER_BYTES = 24
const TRANSACTION_AT = 4
const INFO_AT = 16
const MANAGER_AT = 17
const CRC_AT = 20
const ALIGNED_TO = 8

/** RM_XLOG_ID, XLOG_SWITCH: what is left of the segment is empty. */
const LOG_MANAGER = 0
const SWITCH = 0x40
/** RM_XACT_ID, XLOG_XACT_COMMIT under XLOG_XACT_OPMASK. */
const TRANSACTION_MANAGER = 1
const OPERATION = 0x70
const COMMIT = 0x00
/** xl_xact_commit of access/xact.h, behind a header of its own: when, and with XLOG_XACT_HAS_INFO what else follows in this order. */
const HAS_INFO = 0x80
const SHORT_DATA = 255
const SHORT_DATA_HEADER_BYTES = 2
const LONG_DATA_HEADER_BYTES = 5
const TIME_BYTES = 8
const HAS_DATABASE = 0x1
const DATABASE_BYTES = 8
const HAS_SUBTRANSACTIONS = 0x2

export type WalRecord = {
  transaction: number
  /** What stands by it: a commit's own transaction, and those within it that savepoints began. Else empty. */
  committed: number[]
  bytes: Buffer
  /** The segments that it lies in: one, or two. */
  segments: number[]
}

/** @returns the segment's place in the log; undefined for a file that is none. */
export function segmentOf(fileName: string): number | undefined {
  const [, high, low] = /^[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/.exec(fileName) ?? []
  if (high === undefined || low === undefined) return undefined
  return Number.parseInt(high, 16) * SEGMENTS_A_FILE_NUMBER + Number.parseInt(low, 16)
}

/** Reads records off the pages in the order of the log, from the first segment that is written from its beginning. */
export class WalReader {
  readonly #segments = new Map<number, Buffer>()
  /** Where the next record begins; undefined before the first segment. */
  #at: number | undefined
  /** Up to where pages have been written. */
  #end = 0

  /** @returns the records that are whole with this write, and were not before it. */
  write(segment: number, offset: number, bytes: Buffer): WalRecord[] {
    if (this.#at === undefined && offset === 0) this.#at = segment * SEGMENT_BYTES
    if (this.#at === undefined || segment < Math.floor(this.#at / SEGMENT_BYTES)) return []
    const image = this.#segments.get(segment) ?? Buffer.alloc(SEGMENT_BYTES)
    this.#segments.set(segment, image)
    bytes.copy(image, offset)
    this.#end = Math.max(this.#end, segment * SEGMENT_BYTES + offset + bytes.length)
    return [...this.#readOn()]
  }

  *#readOn(): Generator<WalRecord> {
    for (let read = this.#next(); read; read = this.#next()) {
      const { record, isSwitch, end } = read
      this.#at = isSwitch ? (Math.floor((end - 1) / SEGMENT_BYTES) + 1) * SEGMENT_BYTES : end
      for (const segment of this.#segments.keys())
        if (segment < Math.floor(this.#at / SEGMENT_BYTES)) this.#segments.delete(segment)
      yield record
    }
  }

  #next(): { record: WalRecord; isSwitch: boolean; end: number } | undefined {
    const from = this.#start()
    const length = from === undefined ? undefined : this.#take(from, 4)?.bytes.readUInt32LE()
    if (from === undefined || length === undefined || length < RECORD_HEADER_BYTES) return undefined
    const taken = this.#take(from, length)
    if (!taken || !isWhole(taken.bytes)) return undefined
    const { bytes, end } = taken
    const [info, manager] = [bytes.readUInt8(INFO_AT), bytes.readUInt8(MANAGER_AT)]
    const transaction = bytes.readUInt32LE(TRANSACTION_AT)
    const isCommit = manager === TRANSACTION_MANAGER && (info & OPERATION) === COMMIT
    const first = Math.floor(from / SEGMENT_BYTES)
    const last = Math.floor((end - 1) / SEGMENT_BYTES)
    return {
      record: {
        transaction,
        committed: isCommit ? [transaction, ...subtransactionsOf(bytes, info)] : [],
        bytes,
        segments: first === last ? [first] : [first, last],
      },
      isSwitch: manager === LOG_MANAGER && (info & 0xf0) === SWITCH,
      end: Math.ceil(end / ALIGNED_TO) * ALIGNED_TO,
    }
  }

  /** Where the next record begins, behind a page's header and behind what is left there of a record before the first. */
  #start(): number | undefined {
    const at = this.#at
    if (at === undefined || at % PAGE_BYTES > 0) return at
    const header = this.#page(at)
    if (!header) return undefined
    const isFirst = at % SEGMENT_BYTES === 0
    const left = isFirst ? header.readUInt32LE(CONTINUED_BYTES_AT) : 0
    return at + headerBytes(header) + Math.ceil(left / ALIGNED_TO) * ALIGNED_TO
  }

  #page(at: number): Buffer | undefined {
    if (at + PAGE_BYTES > this.#end) return undefined
    const image = this.#segments.get(Math.floor(at / SEGMENT_BYTES))
    const start = at % SEGMENT_BYTES
    return image?.subarray(start, start + PAGE_BYTES)
  }

  /** So many bytes of a record from there on, without the headers of pages in between. */
  #take(from: number, length: number): { bytes: Buffer; end: number } | undefined {
    const parts: Buffer[] = []
    let at = from
    for (let left = length; left > 0;) {
      const pageAt = Math.floor(at / PAGE_BYTES) * PAGE_BYTES
      const page = this.#page(pageAt)
      if (!page) return undefined
      if (at === pageAt) at += headerBytes(page)
      const part = page.subarray(at - pageAt, Math.min(PAGE_BYTES, at - pageAt + left))
      parts.push(part)
      left -= part.length
      at += part.length
    }
    return { bytes: Buffer.concat(parts), end: at }
  }
}

function subtransactionsOf(commit: Buffer, info: number): number[] {
  if ((info & HAS_INFO) === 0) return []
  const isShort = commit.readUInt8(RECORD_HEADER_BYTES) === SHORT_DATA
  const data = RECORD_HEADER_BYTES + (isShort ? SHORT_DATA_HEADER_BYTES : LONG_DATA_HEADER_BYTES)
  const has = commit.readUInt32LE(data + TIME_BYTES)
  if ((has & HAS_SUBTRANSACTIONS) === 0) return []
  const at = data + TIME_BYTES + 4 + (has & HAS_DATABASE ? DATABASE_BYTES : 0)
  const count = commit.readUInt32LE(at)
  return Array.from({ length: count }, (_, i) => commit.readUInt32LE(at + 4 + 4 * i))
}

function headerBytes(page: Buffer): number {
  return (page.readUInt16LE(2) & IS_LONG) > 0 ? LONG_HEADER_BYTES : PAGE_HEADER_BYTES
}

/** A page may be written while a later record on it is still being put there: its checksum says whether it is whole. */
function isWhole(record: Buffer): boolean {
  const body = crc32c(record.subarray(RECORD_HEADER_BYTES), 0xffff_ffff)
  const all = crc32c(record.subarray(0, CRC_AT), body) ^ 0xffff_ffff
  return all >>> 0 === record.readUInt32LE(CRC_AT)
}

/** CRC-32C, RFC 3720 §B.4. */
const CASTAGNOLI = 0x82f6_3b78
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ CASTAGNOLI : value >>> 1
  return value >>> 0
})

function crc32c(bytes: Buffer, from: number): number {
  let value = from
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff]! ^ (value >>> 8)
  return value
}
