import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { jsonSchemaText } from '../../src/config/json-schema.ts'

const file = 'docs/schema/deployment-config.schema.json'

it('the JSON Schema for editors is that of the code', () => {
  if (process.env.UPDATE === '1') writeFileSync(file, jsonSchemaText())
  expect(readFileSync(file, 'utf8'), 'update it: UPDATE=1 vitest run test/config/json-schema.test.ts').toBe(
    jsonSchemaText(),
  )
})

it('the shipped file names it in its first line', () => {
  expect(readFileSync('deployment-config.yaml', 'utf8').split('\n')[0]).toBe(`# yaml-language-server: $schema=${file}`)
})
