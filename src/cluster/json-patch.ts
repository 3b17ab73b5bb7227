/** One operation of a JSON Patch (RFC 6902), of the kinds that Slipway sends. */
export type Operation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

export type JsonPatch = readonly Operation[]
