import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { reportSchemaText } from '../../src/readiness/report.ts'

const file = 'docs/schema/readiness-report.schema.json'

it('the published JSON Schema of the report is that of the code', () => {
  if (process.env.UPDATE === '1') writeFileSync(file, reportSchemaText())
  expect(readFileSync(file, 'utf8'), 'update it: UPDATE=1 vitest run test/readiness/report-schema.test.ts').toBe(
    reportSchemaText(),
  )
})
