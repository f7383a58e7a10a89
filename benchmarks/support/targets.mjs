// The product's performance targets.

const TARGETS = [
  ['reuseHit.ofLimit', 'least', 0.85],
  ['jwtReuseHit.ofLimit', 'least', 0.7],
  ['mint.timesPeer', 'least', 3],
  ['mint.p99OfPeer', 'most', 1],
  ['mint.cpuOfPeer', 'most', 0.4],
  ['cold.managedOfPeer', 'most', 2.6],
  ['cold.restoredOfPeer', 'most', 0.62],
  ['cold.restoredWithTableOfPeer', 'most', 0.62],
  ['cold.secondWithTableOfPeer', 'most', 3],
  ['start.serveOfPeer', 'most', 2.5],
  ['start.releaseOfPeer', 'most', 2],
  ['start.cliSeconds', 'most', 0.35],
  ['memory.idleMb', 'most', 125],
  ['local.perSecond', 'least', 10_000],
  ['local.p99', 'most', 10],
  ['growth.rules.costOf1000', 'most', 2],
];

/** Returns each target as { name, wanted, found, met }: `met`, `missed`, or `not measured`. */
export function judge(figures) {
  return TARGETS.map(([name, kind, bound]) => {
    const value = name.split('.').reduce((part, key) => part?.[key], figures);
    const wanted = `${kind === 'least' ? '≥' : '≤'} ${bound}`;
    if (typeof value !== 'number' || !Number.isFinite(value)) return { name, wanted, found: '', met: 'not measured' };
    const met = kind === 'least' ? value >= bound : value <= bound;
    return { name, wanted, found: value < 10 ? value.toFixed(2) : value.toFixed(0), met: met ? 'met' : 'missed' };
  });
}
