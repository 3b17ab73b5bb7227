/** A Service of the cluster by its name and namespace. */
export interface ServiceName {
  readonly name: string
  readonly namespace: string
}

/**
 * Which Service a host means in an object of `namespace`: `shop`, `shop.market`, `shop.market.svc` and `shop.market.svc.cluster.local`
 * are one and the same. Null for a host that is none of the cluster's, such as `api.example.com`.
 */
export function serviceOf(host: string, namespace: string): ServiceName | null {
  const [name = '', ofNamespace = namespace, svc = 'svc'] = host.toLowerCase().replace(/\.$/, '').split('.')
  return svc === 'svc' && name !== '' && name !== '*' ? { name, namespace: ofNamespace } : null
}

/** Do two hosts in an object of `namespace` mean the same? */
export function isSameHost(a: string, b: string, namespace: string): boolean {
  if (a === b) return true
  const [one, two] = [serviceOf(a, namespace), serviceOf(b, namespace)]
  return one !== null && one.name === two?.name && one.namespace === two.namespace
}
