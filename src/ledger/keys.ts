/** Every key of a service in Redis. The braces keep them in one slot of a cluster. */
export function keysOf(service: string) {
  const base = `slipway:{${service}}`
  return {
    /** Prefix of BullMQ's own keys. */
    queues: base,
    events: (rollout: number) => `${base}:events:${rollout}`,
    /** Number of the rollout that keeps others from starting. */
    active: `${base}:active`,
    /** Number of the newest rollout. */
    latest: `${base}:latest`,
    /** Number of the oldest rollout that may still be there. */
    oldest: `${base}:oldest`,
    /** Numbers of the rollouts with anything left to do. */
    open: `${base}:open`,
    /** One hash a rollout: what each projection has done. */
    cursors: (rollout: number) => `${base}:cursors:${rollout}`,
    /** Readings of a rollout, newest last, bounded; they expire, like what was observed. */
    readings: (rollout: number) => `${base}:readings:${rollout}`,
    /** One hash a rollout: observed ms by phase. */
    observed: (rollout: number) => `${base}:observed:${rollout}`,
    /** Ids of the alerts that made a rollout roll back and have not ended, by when they fired last (ms). */
    alerts: (rollout: number) => `${base}:alerts:${rollout}`,
    /** When any process last knew that Slack can be reached and brings clicks (ms). */
    heard: `${base}:heard`,
    /** When the bucket of a kind of turn will be full again (ms). */
    pace: (bucket: string) => `${base}:pace:${bucket}`,
    /** Written to learn how far the replicas are. */
    durable: `${base}:durable`,
    lease: (name: string) => `${base}:lease:${name}`,
    report: (version: string) => `${base}:report:${version}`,
    /** The report on which a rollout was started. */
    startedOn: (rollout: number) => `${base}:started-on:${rollout}`,
    newestReport: `${base}:report`,
    /** When that was made (ms). */
    newestReportAt: `${base}:report-at`,
    /** Every command with what became of it, oldest first (`src/ledger/record.ts`). */
    record: `${base}:record`,
    /** Place of each id in the record. */
    recordIds: `${base}:record-ids`,
    /** How many entries were removed from the record's beginning. */
    recordRemoved: `${base}:record-removed`,
    /** The lock of the service: who, when, why; and the command that lifted it. */
    lock: `${base}:lock`,
    /** A wish that was taken: its answer, so that a repeated delivery is answered alike. */
    answered: (id: string) => `${base}:answered:${id}`,
  }
}

export type Keys = ReturnType<typeof keysOf>
