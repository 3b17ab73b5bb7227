/**
 * A rollback has a queue and workers of its own, so that nothing stands before it, not even those who ask for it once more (rule 1);
 * what people are told in private has, so that a Slack that hangs keeps no wish waiting; readiness reports have, so that those that wait
 * for Slack keep no step of a rollout waiting; and what is written to the sink has, so that a bucket that hangs keeps no page and no
 * message waiting.
 */
export const queueNames = [
  'rollback',
  'rollback-wishes',
  'wishes',
  'answers',
  'readiness',
  'steps',
  'projections',
  'uploads',
] as const
export type QueueName = (typeof queueNames)[number]

/** The tries of a job that is given up one day. */
export const fewTries = 20

/** How often a job of each queue is tried; a million is for ever. */
export const tries: Readonly<Record<QueueName, number>> = {
  rollback: 1_000_000,
  'rollback-wishes': 1_000_000,
  wishes: fewTries,
  answers: fewTries,
  readiness: fewTries,
  steps: fewTries,
  projections: 1_000_000,
  uploads: 1_000_000,
}

/**
 * How many jobs of each queue a process works on at once. Who asks for a rollback may have to wait for a moment until Slack says who they
 * are: they wait beside each other.
 */
export const atOnce: Readonly<Record<QueueName, number>> = {
  rollback: 4,
  'rollback-wishes': 16,
  wishes: 8,
  answers: 4,
  readiness: 8,
  steps: 8,
  projections: 8,
  uploads: 1,
}
