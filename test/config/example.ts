/** A small valid configuration. Tests replace a line of it to make one mistake; the places they expect are in this text. */
export const example = `service: shop
title: Shop
image: registry.example.com/shop:{version}
slack:
  channel: "#releases"
pagerduty:
  servicePage: https://example.pagerduty.com/service-directory/PSHOP
prometheus:
  url: http://prometheus:9090
cluster:
  namespace: shop
  container: shop
  traffic:
    name: shop
  tracks:
    blue:
      deployment: shop-blue
      destination: { host: shop, subset: blue }
    green:
      deployment: shop-green
      destination: { host: shop, subset: green }
roles:
  lead:
    title: Lead
    users: [U000LEAD]
  ops:
    title: Operations
    users: [U000OPS, U000LEAD]
release:
  requestsQuery: sum(increase(requests_total{track="$track"}[$window]))
  phases:
    - name: Start
      proves: it starts
      weight: 10%
      soak: 10m
      roles: [lead]
    - name: All
      proves: it works
      weight: 100%
      soak: 5m
      roles: [lead, ops]
  metrics:
    - name: error-rate
      title: Error rate
      group: performance
      scope: canary
      unit: ratio
      query: avg(errors{track="$canary"})
      limit: "> 1%"
    - name: agents
      title: Agents
      group: function
      scope: service
      unit: count
      query: min(agents)
      target: ">= 3"
  decides: lead
`

/** The example with one part replaced, which must stand in it exactly once. */
export function exampleWith(part: string, replacement: string): string {
  if (example.split(part).length !== 2) throw new Error(`not exactly once in the example: ${part}`)
  return example.replace(part, () => replacement)
}
