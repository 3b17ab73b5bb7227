import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { kubectlLine } from '../../src/cluster/kubectl-line.ts'
import { findRoute } from '../../src/cluster/virtual-service.ts'
import { destinations } from './virtual-services.ts'

/** What a shell makes of the line: one argument after the other. */
function argumentsOf(line: string): string[] {
  const shown = execFileSync('sh', ['-c', line.replace(/^kubectl/, "printf '%s\\0'")], { encoding: 'utf8' })
  return shown.split('\0').slice(0, -1)
}

const routeNamed = (name: string) =>
  findRoute(
    {
      metadata: { name: 'shop', namespace: 'market', resourceVersion: '1' },
      spec: {
        http: [
          { name: 'other' },
          {
            name,
            route: [
              { destination: { host: 'mirror' }, weight: 10 },
              { destination: destinations.green, weight: 18 },
              { destination: destinations.blue, weight: 72 },
            ],
          },
        ],
      },
    },
    name,
    destinations,
  )

describe('kubectlLine', () => {
  it('gives stable the pair’s whole weight, and tests that the indexes still fit', () => {
    const [n, namespace, patch, kind, name, type, p, json, ...rest] = argumentsOf(
      kubectlLine('market', 'shop', routeNamed('primary'), 'blue'),
    )
    expect([n, namespace, patch, kind, name, type, p, rest]).toEqual([
      '-n',
      'market',
      'patch',
      'virtualservice',
      'shop',
      '--type=json',
      '-p',
      [],
    ])
    expect(JSON.parse(json ?? '')).toEqual([
      { op: 'test', path: '/spec/http/1/name', value: 'primary' },
      { op: 'test', path: '/spec/http/1/route/2/destination', value: destinations.blue },
      { op: 'test', path: '/spec/http/1/route/1/destination', value: destinations.green },
      { op: 'add', path: '/spec/http/1/route/2/weight', value: 90 },
      { op: 'add', path: '/spec/http/1/route/1/weight', value: 0 },
    ])
  })

  it('survives the shell, whatever the route is called', () => {
    const name = `it's $(touch /nowhere) \`x\` "y" \\ !`
    const json = argumentsOf(kubectlLine('market', 'shop', routeNamed(name), 'green')).at(-1) ?? ''
    const [first] = z.array(z.looseObject({ value: z.unknown() })).parse(JSON.parse(json))
    expect(first?.value).toBe(name)
  })

  it('fits into a section of the card', () => {
    expect(kubectlLine('market', 'shop', routeNamed('primary'), 'blue').length).toBeLessThan(1_000)
  })
})
