import { SlipwayError } from '../../../src/errors.ts'
import type { People } from '../../../src/jobs/ports.ts'
import { createFakePeople } from '../../jobs/fake-people.ts'
import type { SimulatedProcess } from '../process.ts'
import { config } from '../spec.ts'

/** Who holds which role, as far as Slack answers. */
export function createPeople(process: SimulatedProcess): People {
  const people = createFakePeople(() => config.roles)
  const method = 'users.info'
  const failed = () => new SlipwayError('people-unknown', { method })
  const ask = () => process.call({ system: 'slack', name: method, act: () => undefined, failed })
  return {
    rolesOf: (user, among) => ask().then(() => people.rolesOf(user, among)),
    isMember: (user) => ask().then(() => people.isMember(user)),
    holdersOf: (roles) => ask().then(() => people.holdersOf(roles)),
  }
}
