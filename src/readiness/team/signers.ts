import { SlipwayError } from '../../errors.ts'
import { canSpareOne, unserved } from '../../rollout/quorum.ts'
import { permittedRoles } from '../../slack/permission.ts'
import { block, defineCheck, few, type Outcome, pass } from '../check.ts'

/** Who is configured to sign is there to sign: one person counts once in a phase, so enough different ones. */
export const signers = defineCheck({
  category: 'team',
  name: 'signers',
  title: 'Every role has somebody, and every phase enough different people',
  settings: {},
  looksAt: ({ config }) => `the people of ${Object.keys(config.roles).length} roles in Slack`,
  expects: () =>
    'active full members, as many different ones as each phase has roles, and somebody besides who may ask where whoever asks may not sign',
  async run({ config, world }) {
    const roles = Object.keys(config.roles)
    const looked = await world.people.holdersOf(roles).then((present) => ({ present }), misconfigured)
    if (!('present' in looked)) return looked
    const { present } = looked
    const people = new Set(Object.values(present).flat())
    const gone = [...new Set(Object.values(config.roles).flatMap(({ users }) => users))].filter((id) => !people.has(id))
    const empty = Object.keys(present).filter((role) => present[role]?.length === 0)
    const short = config.release.phases.flatMap(({ name, roles }) => {
      const without = unserved(roles, present)
      return without.length === 0 ? [] : [`${name} (${without.join(', ')})`]
    })
    const askers = (permittedRoles(config, 'advance') ?? []).flatMap((role) => present[role] ?? [])
    // Where every member may ask, there is somebody whom no role needs.
    const unasked = config.release.phases.flatMap(({ name, roles, requesterMaySign }) =>
      requesterMaySign || askers.length === 0 || canSpareOne(askers, roles, present) ? [] : [name],
    )
    const details = gone.map((id) => `${id} is no active full member of this workspace`)
    const into = 'Put active members into these roles: into their user groups in Slack, or in the configuration.'
    const bySchedule = empty.some((role) => config.roles[role]?.schedule !== undefined)
    const mend = bySchedule ? `${into} ${whoIsOnCall}` : into
    if (empty.length > 0) return block(`nobody holds ${few(empty)}`, mend, details)
    if (short.length > 0) return block(`not enough different people for ${few(short)}`, mend, details)
    if (unasked.length > 0) return block(`everybody who may ask has to sign: ${few(unasked)}`, spare, details)
    if (gone.length > 0) return { ...block(`not there: ${few(gone)}`, mend, details), result: 'warn' }
    return pass(`${people.size} people`)
  },
})

const spare =
  'Whoever asks may not sign there (requesterMaySign): let somebody ask who is not needed to sign (permissions.advance), or put more people into the roles.'

const whoIsOnCall =
  'Of a schedule, whoever is on call holds it: as a full member in Slack with the e-mail that PagerDuty shows of them.'

/** A user group that there is not, or not on this plan, blocks; whatever else keeps people from being looked up is thrown on. */
function misconfigured(error: unknown): Outcome {
  if (!(error instanceof SlipwayError) || !['user-group-unknown', 'user-groups-missing'].includes(error.code))
    throw error
  return block(error.message, error.todo)
}
