import { chained, chainStart } from '../../src/ledger/chain.ts'
import type { ServiceRecord } from '../../src/ledger/record.ts'
import { parseEntry, type RecordEntry, recordSchemaVersion } from '../../src/ledger/record-entry.ts'

/** Where a record in memory keeps its entries. The list is never changed, only replaced. */
export interface RecordData {
  record: readonly RecordEntry[]
}

/** A record in memory; `call` makes each access. */
export function createMemoryRecord(
  service: string,
  data: () => RecordData,
  call: <T>(name: string, act: () => T) => Promise<T> = async (_, act) => act(),
): ServiceRecord {
  const find = (id: string) => data().record.find((entry) => entry.id === id) ?? null
  return {
    find: (id) => call('find on record', () => find(id)),
    append: (entry) =>
      call(`record ${entry.id}`, () => {
        const known = find(entry.id)
        if (known !== null) return known
        const { record } = data()
        const place = { v: recordSchemaVersion, service, seq: record.length + 1 } as const
        const [linked] = chained([{ ...place, ...entry }], record.at(-1)?.hash ?? chainStart)
        const appended = parseEntry(linked)
        data().record = [...record, appended]
        return appended
      }),
    head: () =>
      call('head of the record', () => {
        const last = data().record.at(-1)
        return last === undefined ? null : { seq: last.seq, hash: last.hash }
      }),
  }
}
