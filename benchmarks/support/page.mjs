// Writes the plots of docs/performance.md and the figures between its two marks.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bars } from './bars.mjs';
import { median } from './figures.mjs';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const BEGIN = '<!-- figures: written by ./tvm bench --docs -->';
const END = '<!-- end of figures -->';

const KINDS = {
  engine: 'bare engine, constant',
  limit: 'our server, constant',
  reuseHit: 'reuse hit, open',
  jwtReuseHit: 'reuse hit, JWT',
  mint: 'minted each time',
  peer: 'Node peer, minted',
};

const FUNCTIONS = {
  peer: 'Node peer',
  managed: "AWS's Java",
  restored: 'the same, restored',
  restoredWithTable: 'restored, with a table',
  javaHello: 'Java, hello',
  nodeHello: 'Node, hello',
};

const many = (count, one, ending = 's') => `${count} ${one}${count === 1 ? '' : ending}`;

/** Writes the plots and the figures of a run. */
export function writePage(figures, judged) {
  mkdirSync(`${DOCS}performance`, { recursive: true });
  const plots = [];
  const plot = (name, title, unit, rows) => {
    if (rows.some(([, value]) => !Number.isFinite(value))) return;
    writeFileSync(`${DOCS}performance/${name}.svg`, bars({ title, unit, rows }));
    plots.push(`![${title}](performance/${name}.svg)`);
  };
  plot('vends', 'Answers a second at 64 connections', '/s', Object.entries(KINDS).map(([kind, title]) => [title, figures[kind]?.perSecond]));
  plot('processor', 'Processor time an answer', 'µs', Object.entries(KINDS).map(([kind, title]) => [title, figures[kind]?.processorUs]));
  plot('start', 'From the command to the first vend', 'ms', [
    ['./tvm serve, API key', figures.start?.serveMs],
    ...(figures.start?.releaseMs ? [['the release, API key', figures.start.releaseMs]] : []),
    ['Node peer', figures.start?.peerMs],
    ['./tvm serve, local', figures.start?.localMs],
  ]);
  const { medians = {}, rounds } = figures.cold ?? {};
  plot('cold', "From the start of a function's process to its first vend", 'ms', Object.entries(FUNCTIONS).map(([kind, title]) => [title, medians[kind]?.vend]));
  const { rules, callers, processes } = figures.growth ?? {};
  plot('rules', 'Processor time a vend, by the number of rules', 'µs', (rules?.counts ?? [NaN]).map((count, i) => [many(count, 'rule'), rules?.processorUs?.[i]]));
  plot('callers', 'Vends a second, by the number of callers with tokens of their own', '/s', (callers?.counts ?? [NaN]).map((count, i) => [`${count} callers`, callers?.perSecond?.[i]]));
  plot('processes', 'Vends a second, by the number of processes on one Redis and the same cores', '/s', (processes?.counts ?? [NaN]).map((count, i) => [many(count, 'process', 'es'), processes?.perSecond?.[i]]));

  const { processor, cores, memoryMb, system, node } = figures.machine;
  const lines = [
    `Measured on ${figures.at.slice(0, 10)} by the ${figures.form} form: ${cores} × ${processor}, ${Math.round(memoryMb / 1024)} GiB, ${system}, Node ${node}.`,
    '',
    '| Target | Wanted | Found | |',
    '|---|---|---|---|',
    ...judged.map(({ name, wanted, found, met }) => `| \`${name}\` | ${wanted} | ${found} | ${met} |`),
    '',
  ];
  if (figures.peer) {
    lines.push(
      '| At 64 connections | Answers/s | Of the limit | Of the bare engine | p50 ms | p99 ms | Processor µs | At one connection/s |',
      '|---|---|---|---|---|---|---|---|',
    );
    for (const [kind, title] of Object.entries(KINDS)) {
      const { perSecond, p50, p99, processorUs, oneConnection, samples } = figures[kind];
      const of = other => median(samples.perSecond.map((found, round) => found / figures[other].samples.perSecond[round])).toFixed(2);
      const cells = [perSecond.toFixed(0), of('limit'), of('engine'), p50.toFixed(2), p99.toFixed(2), processorUs.toFixed(0), oneConnection.perSecond.toFixed(0)];
      lines.push(`| ${[title, ...cells].join(' | ')} |`);
    }
    lines.push('');
  }
  if (figures.cold) {
    lines.push(`| A function, medians of ${rounds} rounds | First vend ms | Of peer | Processor ms | MiB |`, '|---|---|---|---|---|');
    for (const [kind, title] of Object.entries(FUNCTIONS)) {
      const { vend, cpu, rss } = medians[kind];
      const ofPeer = kind === 'peer' ? 1 : figures.cold[`${kind}OfPeer`];
      lines.push(`| ${title} | ${vend.toFixed(0)} | ${ofPeer.toFixed(2)} | ${cpu.toFixed(0)} | ${rss.toFixed(0)} |`);
    }
    lines.push('');
  }
  if (figures.memory) {
    const { idleMb, peerIdleMb, localIdleMb, afterLoadMb } = figures.memory;
    const mb = value => (value === undefined ? '–' : `${value.toFixed(0)} MiB`);
    lines.push(`Resident memory: idle ${mb(idleMb)} (Node peer ${mb(peerIdleMb)}, local use ${mb(localIdleMb)}); after load with a heap of 128 MiB ${mb(afterLoadMb)}.`, '');
  }
  lines.push(...plots.flatMap(line => [line, '']));
  const page = readFileSync(`${DOCS}performance.md`, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/performance.md has lost the marks between which the figures go');
  writeFileSync(`${DOCS}performance.md`, `${page.slice(0, begin)}${BEGIN}\n${lines.join('\n')}${page.slice(end)}`);
}
