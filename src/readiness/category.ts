/** The categories of readiness by the name that people type, with their title, in the order of the report. */
export const categoryTitles = {
  infrastructure: 'Infrastructure',
  application: 'Application',
  configuration: 'Configuration',
  monitoring: 'Monitoring',
  agents: 'Agents and workflows',
  data: 'Data and backup',
  security: 'Security',
  team: 'Team and communication',
} as const

export const categories = [
  'infrastructure',
  'application',
  'configuration',
  'monitoring',
  'agents',
  'data',
  'security',
  'team',
] as const
export type Category = (typeof categories)[number]
