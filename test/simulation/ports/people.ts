import { SlipwayError } from '../../../src/errors.ts'
import type { People } from '../../../src/jobs/ports.ts'
import { remember } from '../../../src/slack/remembered.ts'
import { createFakePeople } from '../../jobs/fake-people.ts'
import type { SimulatedProcess } from '../process.ts'
import { config } from '../spec.ts'

/** Who holds which role, as far as Slack answers; asked for once a minute and person, as in a real process. */
export function createPeople(process: SimulatedProcess): People {
  const people = createFakePeople(() => config.roles)
  const method = 'users.info'
  const failed = () => new SlipwayError('people-unknown', { method })
  const ask = () => process.call({ system: 'slack', name: method, act: () => undefined, failed })
  const asked = remember(process.clock, 60_000, ask)
  return {
    rolesOf: (user, among) => asked.get(user).then(() => people.rolesOf(user, among)),
    isMember: (user) => asked.get(user).then(() => people.isMember(user)),
    isOnCall: (user) => asked.get(user).then(() => people.isOnCall(user)),
    nameOf: (user) => asked.get(user).then(() => people.nameOf(user)),
    holdersOf: (roles) => asked.get('').then(() => people.holdersOf(roles)),
  }
}
