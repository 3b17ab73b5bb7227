import { jobs } from '../cluster/kinds.ts'
import { duration, url, words } from '../config/fields.ts'
import { durationText } from '../slack/format.ts'
import { askAll } from './ask-all.ts'
import { askPrometheus } from './ask-prometheus.ts'
import type { Category } from './category.ts'
import { block, defineCheck, pass } from './check.ts'
import type { Subject } from './subject.ts'

interface AgeCheck {
  readonly category: Category
  readonly name: string
  readonly title: string
  /** What happened last, as sentences go on with it: `backup`. */
  readonly what: string
  /** The oldest that will do where nothing is configured, in the notation of the file. */
  readonly maxAge: string
  readonly mend: string
}

/** When something last succeeded by one source, in ms since 1970, or why that is not known. */
type LastSuccess = { readonly at: number } | { readonly why: string }

/** Another machine's clock may be so far ahead (ms). What lies further in the future is no such time: milliseconds, or an hour of another zone. */
const ahead = 5 * 60_000

/**
 * A check that something has succeeded lately: by a figure of Prometheus, by a Kubernetes Job, by what an address answers; by
 * each of those that are configured. Without any it is off, and the report says so.
 */
export function defineAgeCheck({ category, name, title, what, maxAge, mend }: AgeCheck) {
  return defineCheck({
    category,
    name,
    title,
    settings: {
      maxAge: duration.prefault(maxAge).describe(`How old the last ${what} may be.`),
      query: words
        .exactOptional()
        .describe(
          `PromQL for the time of the last ${what}, in seconds since 1970; $version and the like are filled in.`,
        ),
      job: words.exactOptional().describe(`A Job whose success is a ${what}: its name, or that of its CronJob.`),
      url: url
        .exactOptional()
        .describe(`An address that answers {"lastSuccess": "<time in ISO 8601>"} of the last ${what}.`),
    },
    offBecause: ({ query, job, url }) =>
      query === undefined && job === undefined && url === undefined ? 'no query, job or url is configured' : undefined,
    looksAt: (_, { query, job, url }) =>
      `the last ${what}, by ${[query, job && `Job ${job}`, url].filter((source) => source !== undefined).join(' and ')}`,
    expects: (_, settings) => `at most ${durationText(settings.maxAge)} old`,
    async run(subject, settings) {
      const { query, job, url } = settings
      const { answers, failure } = await askAll([
        ...(query === undefined ? [] : [byQuery(subject, query)]),
        ...(job === undefined ? [] : [byJob(subject, job)]),
        ...(url === undefined ? [] : [subject.outside.lastSuccess(url)]),
      ])
      const now = subject.world.clock.now()
      const told = answers.map((source) => believed(source, now))
      const found = told.map((source) => textOf(source, now))
      const recent = (source: LastSuccess) => 'at' in source && now - source.at <= settings.maxAge
      if (!told.every(recent)) return block(found.join('; '), mend)
      if (failure !== undefined) throw failure
      return pass(found.join('; '))
    },
  })
}

function believed(source: LastSuccess, now: number): LastSuccess {
  if ('why' in source || source.at <= now + ahead) return source
  return { why: 'it lies in the future: a query gives seconds since 1970, an address a time with its zone' }
}

function textOf(source: LastSuccess, now: number): string {
  if ('why' in source) return `unknown (${source.why})`
  return source.at > now ? 'just now' : `${durationText(now - source.at)} ago`
}

async function byQuery(subject: Subject, query: string): Promise<LastSuccess> {
  const asked = await askPrometheus(subject, query)
  return 'why' in asked ? asked : { at: asked.value * 1_000 }
}

/** The newest success of the Jobs of this name. A Job that has been cleaned away tells nothing any more. */
async function byJob({ cluster }: Subject, job: string): Promise<LastSuccess> {
  const found = (await cluster.list(jobs, 'namespace')).filter(
    ({ metadata: { name, ownerReferences } }) =>
      name === job || ownerReferences.some((owner) => owner.kind === 'CronJob' && owner.name === job),
  )
  if (found.length === 0) return { why: `there is no Job ${job}` }
  const ends = found.flatMap(({ status }) => (status.succeeded > 0 ? (status.completionTime ?? []) : []))
  const last = ends.map((text) => Date.parse(text)).toSorted((a, b) => b - a)[0]
  return last === undefined ? { why: `no Job ${job} has succeeded` } : { at: last }
}
