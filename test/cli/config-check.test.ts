import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { configCheck } from '../../src/cli/config-check.ts'
import { exampleWith } from '../config/example.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-config-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('says of a good file what was checked', async () => {
  expect(await configCheck('deployment-config.yaml')).toEqual({
    lines: ['deployment-config.yaml is valid: claude-enhancer, 4 phases, 11 metrics, 5 roles.'],
    exit: 0,
  })
})

it('prints each mistake in a line of its own', async () => {
  const file = join(folder, 'bad.yaml')
  writeFileSync(file, exampleWith('title: Shop', 'title: ""\nx: 1'))
  expect(await configCheck(file)).toEqual({
    lines: [
      `${file}:2:8: title is "", expected some text`,
      `${file}:3:1: x is not known, expected a known key; there are service, title, mode, image, slack, pagerduty, prometheus, alertmanager, cluster, roles, permissions, pointsOfNoReturn, freezes, readiness, record, release`,
    ],
    exit: 1,
  })
})

it('takes no file by which nothing would roll back', async () => {
  const file = join(folder, 'no-limit.yaml')
  const shipped = readFileSync('deployment-config.yaml', 'utf8')
  // What has a limit alone gets a target in its place.
  const besideTarget = /(target:.*\n) +limit:.*\n/g
  writeFileSync(file, shipped.replaceAll(besideTarget, '$1').replaceAll('limit: ">', 'target: "<='))
  const { lines, exit } = await configCheck(file)
  expect(lines).toEqual([expect.stringContaining('release.metrics rolls nothing back, expected a limit')])
  expect(exit).toBe(1)
})

it('says when there is no such file', async () => {
  const { lines, exit } = await configCheck(join(folder, 'none.yaml'))
  expect(exit).toBe(1)
  expect(lines[0]).toBe(`The configuration ${join(folder, 'none.yaml')} can't be read.`)
})
