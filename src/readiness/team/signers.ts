import { unserved } from '../../rollout/quorum.ts'
import { block, defineCheck, few, pass } from '../check.ts'

/** Who is configured to sign is there to sign: one person counts once in a phase, so enough different ones. */
export const signers = defineCheck({
  category: 'team',
  name: 'signers',
  title: 'Every role has somebody, and every phase enough different people',
  settings: {},
  looksAt: ({ config }) => `the people of ${Object.keys(config.roles).length} roles in Slack`,
  expects: () => 'active full members, as many different ones as each phase has roles',
  async run({ config, outside }) {
    const ids = [...new Set(Object.values(config.roles).flatMap(({ users }) => users))]
    const people = new Map(await Promise.all(ids.map(async (id) => [id, await outside.person(id)] as const)))
    const isActive = (id: string) => people.get(id)?.active ?? false
    const gone = ids.filter((id) => !isActive(id)).map((id) => people.get(id)?.name ?? id)
    const present = Object.fromEntries(
      Object.entries(config.roles).map(([role, { users }]) => [role, users.filter(isActive)]),
    )
    const empty = Object.keys(present).filter((role) => present[role]?.length === 0)
    const short = config.release.phases.flatMap(({ name, roles }) => {
      const without = unserved(roles, present)
      return without.length === 0 ? [] : [`${name} (${without.join(', ')})`]
    })
    const details = gone.map((who) => `${who} is no active full member of this workspace`)
    const mend = 'Put active members into these roles in the configuration.'
    if (empty.length > 0) return block(`nobody holds ${few(empty)}`, mend, details)
    if (short.length > 0) return block(`not enough different people for ${few(short)}`, mend, details)
    if (gone.length > 0) return { ...block(`not there: ${few(gone)}`, mend, details), result: 'warn' }
    return pass(`${ids.length} people`)
  },
})
