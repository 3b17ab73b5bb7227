/** What is replaced in the example, by what, and the one mistake that follows. */
export const singleMistakes: readonly (readonly [string, string, string])[] = [
  // keys
  [
    '  channel:',
    '  chanel: "#a"\n  channel:',
    '5:3: slack.chanel is not known, expected a known key; the nearest is channel',
  ],
  ['title: Shop', 'title: Shop\ntitel: Shop', '3:1: titel is not known, expected a known key; the nearest is title'],
  [
    'destination: { host: shop, subset: blue }',
    'destination: { host: shop, subest: blue }',
    '18:34: cluster.tracks.blue.destination.subest is not known, expected a known key; the nearest is subset',
  ],
  [
    '    title: Lead',
    '    title: Lead\n    user: x',
    '25:5: roles.lead.user is not known, expected a known key; the nearest is users',
  ],
  [
    '      limit: "> 1%"',
    '      limit: "> 1%"\n      limits: 1',
    '50:7: release.metrics[0].limits is not known, expected a known key; the nearest is limit',
  ],
  [
    '      target: ">= 3"',
    '      target: ">= 3"\n      missing: { emty: hold }',
    '57:18: release.metrics[1].missing.emty is not known, expected a known key; the nearest is empty',
  ],
  ['title: Shop\n', '', '1:1: title is missing, expected some text'],
  [
    '  namespace: shop\n',
    '',
    '10:1: cluster.namespace is missing, expected a name of a-z, 0-9 and -, at most 63 characters',
  ],
  ['      proves: it works\n', '', '37:7: release.phases[1].proves is missing, expected some text'],
  ['title: Shop', 'title: Shop\ntitle: Store', '3:1: title stands twice, expected each key once'],
  // values
  [
    'service: shop',
    'service: Shop',
    '1:10: service is "Shop", expected a name of a-z, 0-9 and -, at most 63 characters',
  ],
  ['title: Shop', 'title: Shop\nmode: watch', '3:7: mode is "watch", expected act or observe'],
  [
    'title: Shop',
    'title: Shop\nfreezes: [{ title: W, zone: UTC, from: Fri 25:00, to: Mon 08:00 }]',
    '3:40: freezes[0].from is "Fri 25:00", expected a weekly time such as "Fri 16:00" or a date and time such as "2026-12-20 00:00"',
  ],
  [
    'title: Shop',
    'title: Shop\nfreezes: [{ title: W, zone: UTC, from: 2026-02-30 00:00, to: 2026-03-01 00:00 }]',
    '3:40: freezes[0].from is "2026-02-30 00:00", expected a weekly time such as "Fri 16:00" or a date and time such as "2026-12-20 00:00"',
  ],
  [
    'title: Shop',
    'title: Shop\nfreezes: [{ title: W, zone: Berlin, from: Fri 16:00, to: Mon 08:00 }]',
    '3:29: freezes[0].zone is "Berlin", expected a time zone such as Europe/Berlin or UTC',
  ],
  [
    'title: Shop',
    'title: Shop\nfreezes: [{ title: W, zone: UTC, from: Fri 16:00, to: 2026-03-01 00:00 }]',
    '3:55: freezes[0].to is "2026-03-01 00:00", expected the same form as from, and a later time',
  ],
  [
    'title: Shop',
    'title: Shop\nfreezes: [{ title: W, zone: UTC, from: 2026-03-02 00:00, to: 2026-03-01 00:00 }]',
    '3:62: freezes[0].to is "2026-03-01 00:00", expected the same form as from, and a later time',
  ],
  [
    '    title: Lead',
    '    title: Lead\n    schedule: night',
    '25:15: roles.lead.schedule is "night", expected the id of a PagerDuty schedule such as P012ABC',
  ],
  [
    'title: Shop',
    'title: Shop\npermissions: { pause: nobody }',
    '3:23: permissions.pause is "nobody", expected members, any-role or a list of roles',
  ],
  [
    'title: Shop',
    'title: Shop\npermissions: { pause: [opps] }',
    '3:24: permissions.pause[0] is "opps", expected a key of roles; the nearest is ops',
  ],
  [
    'title: Shop',
    'title: Shop\npermissions: { pause: [ops, ops] }',
    '3:29: permissions.pause[1] is ops again, expected each role once',
  ],
  [
    'title: Shop',
    'title: Shop\npermissions: { pausing: [ops] }',
    '3:16: permissions.pausing is not known, expected a known key; the nearest is pause',
  ],
  ['title: Shop', 'title: ""', '2:8: title is "", expected some text'],
  ['title: Shop', 'title:', '2:7: title is empty, expected some text'],
  [
    'shop:{version}',
    'shop:latest',
    '3:8: image is "registry.example.com/shop:latest", expected an image with {version} once, such as registry.example.com/app:{version}',
  ],
  [
    '"#releases"',
    'releases',
    '5:12: slack.channel is "releases", expected a channel such as "#releases" (in quotes) or its id such as C012AB3CD',
  ],
  [
    '"#releases"',
    '"#releases"\n  timeout: 5',
    '6:12: slack.timeout is 5, expected a duration such as 500ms, 10s, 30m, 1h or 2d',
  ],
  ['"#releases"', '"#releases"\n  timeout: 15d', '6:12: slack.timeout is "15d", expected at most 14d'],
  [
    '  servicePage: https://example',
    '  servicePage: example',
    '7:16: pagerduty.servicePage is "example.pagerduty.com/service-directory/PSHOP", expected an address that starts with http:// or https:// and has no user and password',
  ],
  [
    'http://prometheus:9090',
    'http://u:p4ss@prometheus:9090',
    '9:8: prometheus.url is [hidden], expected an address that starts with http:// or https:// and has no user and password',
  ],
  [
    '    name: shop',
    '    name: shop\n    kind: ingress',
    '15:11: cluster.traffic.kind is "ingress", expected virtual-service or http-route',
  ],
  [
    '  container: shop',
    '  container: shop\n  readyShare: 101%',
    '13:15: cluster.readyShare is "101%", expected at most 100%',
  ],
  [
    '  container: shop',
    '  container: shop\n  readyShare: 0.8',
    '13:15: cluster.readyShare is 0.8, expected a share such as 80%',
  ],
  [
    '  container: shop',
    '  container: shop\n  scaleFirst: 21s',
    '13:15: cluster.scaleFirst is "21s", expected at most 20s: a rollback is done within 30s',
  ],
  ['[U000LEAD]', '[lead]', '25:13: roles.lead.users[0] is "lead", expected a Slack user id such as U012AB3CD'],
  ['[U000LEAD]', '[]', '25:12: roles.lead.users is an empty list, expected at least one Slack user id'],
  [
    '    title: Lead\n    users: [U000LEAD]\n',
    '    title: Lead\n',
    "23:3: roles.lead can't be held by anybody, expected users, groups or a schedule",
  ],
  [
    'users: [U000LEAD]',
    'groups: [leads]',
    '25:14: roles.lead.groups[0] is "leads", expected a Slack user group such as "@sre-team" (in quotes) or its id such as S012AB3CD',
  ],
  [
    'users: [U000LEAD]',
    'groups: ["@leads", "@leads"]',
    '25:24: roles.lead.groups[1] is @leads again, expected each group once',
  ],
  ['[U000LEAD]', 'U000LEAD', '25:12: roles.lead.users is "U000LEAD", expected a list'],
  ['soak: 10m', 'soak: 0m', '35:13: release.phases[0].soak is "0m", expected a duration longer than 0'],
  [
    'soak: 10m',
    'soak: 10',
    '35:13: release.phases[0].soak is 10, expected a duration such as 500ms, 10s, 30m, 1h or 2d',
  ],
  ['weight: 10%', 'weight: 0%', '34:15: release.phases[0].weight is "0%", expected a whole percentage from 1% to 100%'],
  [
    'weight: 10%',
    'weight: 10.5%',
    '34:15: release.phases[0].weight is "10.5%", expected a whole percentage from 1% to 100%',
  ],
  [
    'roles: [lead]',
    'roles: []',
    '36:14: release.phases[0].roles is an empty list, expected at least one role: no step without a sign-off',
  ],
  [
    'roles: [lead]',
    'roles: [lead]\n      fullSize: yes',
    '37:17: release.phases[0].fullSize is "yes", expected true or false',
  ],
  ['release:', 'release:\n  headroom: 0.5', '30:13: release.headroom is 0.5, expected a number from 1 to 10'],
  ['release:', 'readiness: 5\nrelease:', '29:12: readiness is 5, expected a map'],
  [
    'limit: "> 1%"',
    'limit: "1%"',
    '49:14: release.metrics[0].limit is "1%", expected a comparison such as "< 500ms", "> 0.5%", ">= 60" or ">= 1000/s"',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      confirm: 0',
    '50:16: release.metrics[0].confirm is 0, expected a whole number from 1 on',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      minRequests: 1.5',
    '50:20: release.metrics[0].minRequests is 1.5, expected a whole number from 1 on',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      window: week',
    '50:15: release.metrics[0].window is "week", expected a duration such as 60s, or phase (as long as the phase has run)',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      window: 0s',
    '50:15: release.metrics[0].window is "0s", expected a duration longer than 0 and at most 14d',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      missing: wait',
    '50:16: release.metrics[0].missing is "wait", expected hold, breach or ignore',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      missing: { stale: wait }',
    '50:25: release.metrics[0].missing.stale is "wait", expected hold, breach or ignore',
  ],
  [
    'scope: canary',
    'scope: pod',
    '46:14: release.metrics[0].scope is "pod", expected canary, stable, service or compare',
  ],
  [
    'unit: ratio',
    'unit: percent',
    '47:13: release.metrics[0].unit is "percent", expected ratio, milliseconds, per-second or count',
  ],
  // what several keys tell together
  [
    'deployment: shop-green',
    'deployment: shop-blue',
    '20:19: cluster.tracks.green.deployment is the same as that of blue, expected another Deployment',
  ],
  [
    'subset: green',
    'subset: blue',
    '21:7: cluster.tracks.green.destination is the same as that of blue, expected another host or subset',
  ],
  [
    '[U000OPS, U000LEAD]',
    '[U000OPS, U000OPS]',
    '28:22: roles.ops.users[1] is U000OPS again, expected each person once',
  ],
  [
    '  ops:\n    title: Operations',
    '  Oops:\n    title: X\n    users: [U000X]\n  ops:\n    title: Operations',
    '26:3: roles.Oops is no name, expected a name of a-z, 0-9 and -, at most 63 characters',
  ],
  [
    'roles: [lead]',
    'roles: [leed]',
    '36:15: release.phases[0].roles[0] is "leed", expected a key of roles; the nearest is lead',
  ],
  ['roles: [lead]', 'roles: [lead, lead]', '36:21: release.phases[0].roles[1] is lead again, expected each role once'],
  [
    '[U000OPS, U000LEAD]',
    '[U000LEAD]',
    "41:14: release.phases[1].roles can't all be signed, expected 2 different people: the 1 who hold lead, ops leave ops without one (one person signs once)",
  ],
  [
    'roles: [lead, ops]',
    'roles: [lead, ops]\n      requesterMaySign: false',
    '42:25: release.phases[1].requesterMaySign is false, expected somebody who may ask (permissions.advance) and is not needed to sign: without any one of U000LEAD, U000OPS some of lead, ops has nobody',
  ],
  ['weight: 10%', 'weight: 100%', '39:15: release.phases[1].weight is 100%, expected more than the 100% before it'],
  ['weight: 100%', 'weight: 90%', '39:15: release.phases[1].weight is 90%, expected 100% in the last phase'],
  ['name: All', 'name: Start', '37:13: release.phases[1].name is "Start" again, expected each name once'],
  ['name: agents', 'name: error-rate', '50:13: release.metrics[1].name is error-rate again, expected each name once'],
  ['      limit: "> 1%"\n', '', '43:7: release.metrics[0] has neither target nor limit, expected at least one'],
  [
    'limit: "> 1%"',
    'limit: "> 1"',
    '49:14: release.metrics[0].limit is "> 1", expected one that fits ratio, such as "> 0.5%"',
  ],
  ['">= 3"', '">= 3/s"', '56:15: release.metrics[1].target is ">= 3/s", expected one that fits count, such as ">= 60"'],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      target: "< 2%"',
    '49:14: release.metrics[0].limit is "> 1%", expected none that the target "< 2%" allows',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      window: 5s',
    '50:15: release.metrics[0].window is 5s, expected at least release.interval (10s)',
  ],
  [
    'avg(errors{track="$canary"})',
    'avg(errors)',
    '48:14: release.metrics[0].query of scope canary has no $canary, expected $canary in it',
  ],
  [
    'avg(errors{track="$canary"})',
    'a{t="$canary"} - a{t="$stable"}',
    '48:14: release.metrics[0].query of scope canary has $stable, expected $canary, $window only',
  ],
  [
    'roles: [lead]\n',
    'roles: [lead]\n      metrics: { agent: { target: ">= 2" } }\n',
    '37:18: release.phases[0].metrics.agent is unknown, expected the name of a metric; the nearest is agents',
  ],
  [
    'roles: [lead]\n',
    'roles: [lead]\n      metrics: { agents: { target: ">= 2%" } }\n',
    '37:36: release.phases[0].metrics.agents.target is ">= 2%", expected one that fits count, such as ">= 60"',
  ],
  [
    'roles: [lead]\n',
    'roles: [lead]\n      metrics: { error-rate: { target: "< 2%" } }\n',
    '37:40: release.phases[0].metrics.error-rate.target is "< 2%", expected none that the limit "> 1%" breaks',
  ],
  [
    'scope: canary',
    'scope: compare',
    '48:14: release.metrics[0].query of scope compare has no $stable, expected $stable in it',
  ],
  [
    'min(agents)',
    'min(agents{of="$track"})',
    '55:14: release.metrics[1].query of scope service has $track, expected $canary, $stable, $window only',
  ],
  [
    'avg(errors{track="$canary"})',
    'sum(rate(errors{track="$canary"}[5m]))',
    '48:14: release.metrics[0].query has the range [5m], expected [$window]',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      window: phase',
    '48:14: release.metrics[0].query has no $window, expected $window in it, as window is phase',
  ],
  [
    'track="$track"}[$window]',
    'track="$track"}',
    '30:18: release.requestsQuery has no $window, expected $window in it',
  ],
  [
    'release:',
    'release:\n  convergesWithin: 59s',
    '30:20: release.convergesWithin is 59s, expected at least release.staleAfter (1m)',
  ],
  [
    'release:',
    'pointsOfNoReturn: [{ version: "2", phase: 9, what: a migration, role: lead }]\nrelease:',
    '29:43: pointsOfNoReturn[0].phase is 9, expected the number of a phase, 1 to 2',
  ],
  [
    'release:',
    'pointsOfNoReturn: [{ version: "2", phase: 1, what: a migration, role: leads }]\nrelease:',
    '29:71: pointsOfNoReturn[0].role is "leads", expected a key of roles; the nearest is lead',
  ],
  [
    'release:',
    'release:\n  drained: { query: sum(running) }',
    '30:21: release.drained.query has no $track, expected $track in it',
  ],
  [
    '{track="$track"}',
    '{track="$canary",t="$track"}',
    '30:18: release.requestsQuery has $canary, expected $track, $window only',
  ],
  [
    'release:',
    'release:\n  signOffExpires: 10m',
    '30:19: release.signOffExpires is 10m, expected more than release.readyWithin (10m)',
  ],
  [
    '      proves: it works\n',
    '      proves: it works\n      signOffExpires: 5m\n',
    '39:23: release.phases[1].signOffExpires is 5m, expected more than release.readyWithin (10m)',
  ],
  ['release:', 'release:\n  pageAfter: 1h', '30:14: release.pageAfter is 1h, expected less than release.maxHold (1h)'],
  [
    'release:',
    'release:\n  resolveAfter: 3h',
    '30:17: release.resolveAfter is 3h, expected less than 10000s: 1000 readings are kept, 10s apart',
  ],
  [
    'release:',
    'release:\n  staleAfter: 9s',
    '30:15: release.staleAfter is 9s, expected at least release.interval (10s)',
  ],
  [':9090', ':9090\n  timeout: 11s', '10:12: prometheus.timeout is 11s, expected at most release.interval (10s)'],
  ['soak: 10m', 'soak: 59s', '35:13: release.phases[0].soak is 59s, expected at least release.staleAfter (1m)'],
  [
    'release:',
    'release:\n  rollbackWindow: 9s',
    '30:19: release.rollbackWindow is 9s, expected at least release.interval (10s)',
  ],
  [
    'title: Shop',
    'title: Shop\nreadiness: { checks: { agents-available: { expect: ">= 60%" } } }',
    '3:52: readiness.checks.agents-available.expect is ">= 60%", expected one that fits count, such as ">= 1"',
  ],
  [
    'title: Shop',
    'title: Shop\nreadiness: { checks: { workflows-succeeding: { expect: ">= 98" } } }',
    '3:56: readiness.checks.workflows-succeeding.expect is ">= 98", expected one that fits ratio, such as ">= 98%"',
  ],
  [
    'title: Shop',
    'title: Shop\nreadiness: { validFor: 25h }',
    '3:24: readiness.validFor is "25h", expected at most 24h: a report is kept for a day',
  ],
  [
    '  container: shop',
    '  container: shop\n  timeout: 1h',
    '13:12: cluster.timeout is "1h", expected at most 5s: a rollback is done within 30s, also after a call that hangs',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      confirm: 61',
    '50:16: release.metrics[0].confirm is 61, expected at most 30: the soak of release.phases[1] (5m) holds no more readings',
  ],
  [
    '      roles: [lead]\n',
    '      roles: [lead]\n      metrics: { error-rate: { confirm: 61 } }\n',
    '37:41: release.phases[0].metrics.error-rate.confirm is 61, expected at most 60: the soak of release.phases[0] (10m) holds no more readings',
  ],
  [
    'limit: "> 1%"',
    'limit: "> 1%"\n      confirm: 301',
    '50:16: release.metrics[0].confirm is 301, expected at most 300: a breach that takes longer is none',
  ],
  ['decides: lead', 'decides: leed', '57:12: release.decides is "leed", expected a key of roles; the nearest is lead'],
  [
    'decides: lead',
    'decides: chief',
    '57:12: release.decides is "chief", expected a key of roles; there are lead, ops',
  ],
]
