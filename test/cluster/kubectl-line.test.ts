import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { kubectlLine } from '../../src/cluster/kubectl-line.ts'
import { notations, routeIn } from './routes.ts'

/** What a shell makes of the line: one argument after the other. */
function argumentsOf(line: string): string[] {
  const shown = execFileSync('sh', ['-c', line.replace(/^kubectl/, "printf '%s\\0'")], { encoding: 'utf8' })
  return shown.split('\0').slice(0, -1)
}

describe.each(notations)('kubectlLine of a %s', (title, notation) => {
  const { kind, destinations, write } = notation
  const entries = [
    { to: { host: 'mirror' }, weight: 10 },
    { to: destinations.green, weight: 18 },
    { to: destinations.blue, weight: 72 },
  ]
  const routeNamed = (name: string) => routeIn(notation, write([{ name: 'other' }, { name, entries }]), name)
  const line = (name: string, stable: 'blue' | 'green') =>
    kubectlLine({ kind, namespace: 'market', name: 'shop' }, routeNamed(name), stable)

  it('gives stable the pair’s whole weight, and tests that the indexes still fit', () => {
    const [n, namespace, patch, resource, name, type, p, json, ...rest] = argumentsOf(line('primary', 'blue'))
    expect([n, namespace, patch, resource, name, type, p, rest]).toEqual([
      '-n',
      'market',
      'patch',
      title.toLowerCase(),
      'shop',
      '--type=json',
      '-p',
      [],
    ])
    const { path, pair } = routeNamed('primary')
    expect(JSON.parse(json ?? '')).toEqual([
      { op: 'test', path: `${path}/name`, value: 'primary' },
      ...pair.blue.identity,
      ...pair.green.identity,
      { op: 'add', path: `${pair.blue.path}/weight`, value: 90 },
      { op: 'add', path: `${pair.green.path}/weight`, value: 0 },
    ])
  })

  it('survives the shell, whatever the route is called', () => {
    const name = `it's $(touch /nowhere) \`x\` "y" \\ !`
    const json = argumentsOf(line(name, 'green')).at(-1) ?? ''
    const [first] = z.array(z.looseObject({ value: z.unknown() })).parse(JSON.parse(json))
    expect(first?.value).toBe(name)
  })

  it('fits into a section of the card', () => {
    expect(line('primary', 'blue').length).toBeLessThan(1_200)
  })
})
