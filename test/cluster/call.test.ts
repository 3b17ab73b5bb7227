import { ApiException } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { createCall } from '../../src/cluster/call.ts'

function calls() {
  let renewed = 0
  const middleware = { pre: async <T>(context: T) => context, post: async <T>(context: T) => context }
  const call = createCall({ middleware, renew: () => (renewed += 1) })
  return { call, renewed: () => renewed }
}
const answer = (status: number) => async () => {
  throw new ApiException(status, 'Unknown API Status Code!', '{"message":"secret"}', { authorization: 'secret' })
}

describe('a call', () => {
  it('opens new connections after a broken one or an outdated login, and only then', async () => {
    const { call, renewed } = calls()
    await expect(call.read('it', () => Promise.reject(new TypeError('fetch failed')))).rejects.toThrow()
    expect(renewed()).toBe(1)
    await expect(call.read('it', answer(401))).rejects.toThrow()
    expect(renewed()).toBe(2)
    await expect(call.read('it', answer(403))).rejects.toThrow()
    await expect(call.patch('it', answer(500))).rejects.toThrow()
    expect(renewed()).toBe(2)
  })

  it.each([409, 422])('takes a %i for a conflict when patching, for a refusal when reading', async (status) => {
    const { call } = calls()
    expect(await call.patch('it', answer(status))).toBe(status)
    await expect(call.read('it', answer(status))).rejects.toMatchObject({ code: 'cluster-refused', detail: { status } })
  })

  it.each([400, 401, 403, 404, 500, 503])('says nothing to people of what came with a %i', async (status) => {
    const failure = await calls()
      .call.read('it', answer(status))
      .catch((error: unknown) => error)
    expect(String(failure)).not.toMatch(/secret|Unknown API/)
    expect(failure).toMatchObject({ cause: { code: status } })
  })
})
