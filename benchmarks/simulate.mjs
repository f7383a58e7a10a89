// simulate: what becomes of an audience of any size, computed and drawn
//
//   ./tvm bench simulate [--audience 10000] [--arrival 60s] [--life 1h] [--reuse caller] [--instances 1] [--store shared]
//                        [--rate 5] [--hours 4] [--seed 1]
//   ./tvm bench simulate --page FOLDER
//
// The first form prints what would happen and draws it into simulation.svg in the current directory. --arrival is the time within
// which the audience comes, evenly and at random; --reuse is never, caller or everyone; --store is what the instances share: shared,
// away (each goes on with its part of the budget) or none (each takes the whole budget for itself). The second form draws the plots
// of docs/scaling.md into FOLDER and prints its tables. support/simulation.mjs says what the model is and leaves out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { arrivals, largest, quantile, random } from './support/figures.mjs';
import { chart } from './support/plot.mjs';
import { table } from './support/report.mjs';
import { geometrically, simulate } from './support/simulation.mjs';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
// The mean of refreshAfter, which is between half and nine tenths of a lifetime.
const MEAN_REFRESH = 0.7;

const { values: options } = parseArgs({
  options: {
    audience: { type: 'string', default: '10000' },
    arrival: { type: 'string', default: '60s' },
    life: { type: 'string', default: '1h' },
    reuse: { type: 'string', default: 'caller' },
    instances: { type: 'string', default: '1' },
    store: { type: 'string', default: 'shared' },
    rate: { type: 'string', default: '5' },
    hours: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    page: { type: 'string' },
  },
});

function seconds(text) {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  if (match === null) wrong(`'${text}' is no time: write 30s, 15m or 25h`);
  return Number(match[1]) * { s: 1, m: MINUTE, h: HOUR }[match[2]];
}

function number(name, least, most) {
  const value = Number(options[name]);
  if (!(value >= least && value <= most)) wrong(`--${name} is a number from ${least} to ${most}`);
  return value;
}

function oneOf(name, words) {
  if (!words.includes(options[name])) wrong(`--${name} is one of ${words.join(', ')}`);
  return options[name];
}

function wrong(what) {
  console.error(`simulate: ${what}`);
  process.exit(2);
}

const said = value => (value >= DAY ? `${tidy(value / DAY)} d` : value >= HOUR ? `${tidy(value / HOUR)} h` : value >= MINUTE ? `${tidy(value / MINUTE)} min` : `${tidy(value)} s`);
const tidy = value => String(Number(value.toPrecision(3)));
const grouped = value => String(value).replace(/^\d{4,}/, digits => digits.replace(/\B(?=(\d{3})+$)/g, ','));

/** Simulates an audience that arrives within `within` seconds, for `hours`. */
function play({ audience, within, hours, seed = 1, ...rest }) {
  return simulate({ arrivals: arrivals(audience, 0, within, random(seed)), duration: Math.round(hours * HOUR), seed: seed + 1, ...rest });
}

/**
 * Returns the shortest time after which the given part of all callers has a first token; Infinity if some never get
 * one.
 */
function waitOf(result, part) {
  return quantile(result.waits.map(wait => (Number.isNaN(wait) ? Infinity : wait)), part);
}

// ------------------------------------------------------------------------------------------------- plots

const UNITS = [
  { length: DAY, word: 'days' },
  { length: HOUR, word: 'hours' },
  { length: MINUTE, word: 'minutes' },
  { length: 1, word: 'seconds' },
];

function timeAxis(most) {
  const unit = UNITS.find(({ length }) => most >= 3 * length) ?? UNITS.at(-1);
  const step = [1, 2, 5, 10, 20, 30, 60].find(size => most / unit.length / size <= 12) ?? 120;
  const ticks = [];
  for (let tick = 0; tick * unit.length <= most + 1e-9; tick += step) ticks.push([tick * unit.length, String(tick)]);
  return { label: unit.word, least: 0, most, ticks };
}

function countAxis(label, most) {
  const ticks = [[1, '0']];
  let tick = 10;
  for (; tick < most; tick *= 10) ticks.push([tick, grouped(tick)]);
  return { label, least: 1, most: tick, ticks: [...ticks, [tick, grouped(tick)]], log: true };
}

const logTimeAxis = {
  label: 'since the first of them came',
  least: 1,
  most: 3 * DAY,
  log: true,
  ticks: [[1, '1 s'], [10, '10 s'], [MINUTE, '1 min'], [10 * MINUTE, '10 min'], [HOUR, '1 h'], [10 * HOUR, '10 h'], [DAY, '1 d'], [3 * DAY, '3 d']],
};

const shareAxis = { label: 'budget used', least: 0, most: 1, ticks: [0, 0.25, 0.5, 0.75, 1].map(share => [share, `${share * 100} %`]) };

const line = (name, result, key) => ({ name, points: result.seconds.map((time, i) => [time, result[key][i]]) });

function waitingChart(title, results, time) {
  const most = largest(results.flatMap(([, result]) => result.without));
  const duration = largest(results.map(([, result]) => result.seconds.at(-1)));
  return chart({
    title,
    x: time ?? timeAxis(duration),
    y: countAxis('callers without a token', Math.max(10, most)),
    series: results.map(([name, result]) => line(name, result, 'without')),
  });
}

function budgetChart(title, results) {
  const duration = largest(results.map(([, result]) => result.seconds.at(-1)));
  return chart({ title, x: timeAxis(duration), y: shareAxis, series: results.map(([name, result]) => line(name, result, 'used')) });
}

// ------------------------------------------------------------------------------------------------- what is asked for

function one() {
  const asked = {
    audience: number('audience', 1, 5_000_000),
    within: seconds(options.arrival),
    hours: number('hours', 0.01, 24 * 14),
    life: seconds(options.life),
    reuse: oneOf('reuse', ['never', 'caller', 'everyone']),
    rate: number('rate', 1, 10_000),
    instances: number('instances', 1, 100),
    store: oneOf('store', ['shared', 'away', 'none']),
    seed: number('seed', 0, 2 ** 31),
  };
  const result = play(asked);
  const needed = (asked.audience / (MEAN_REFRESH * asked.life)).toPrecision(3);
  const without = result.waits.filter(Number.isNaN).length;
  console.log(
    table([
      [`${grouped(asked.audience)} callers within ${options.arrival}, lives of ${options.life}, reuse ${asked.reuse}`, ''],
      ['tokens minted', grouped(result.minted)],
      ['refused by the account', grouped(result.refused)],
      ['wait for the first token, median', said(waitOf(result, 0.5))],
      ['the same, longest', said(waitOf(result, 1))],
      [`without a token after ${asked.hours} h`, grouped(without)],
      ['tokens that ended before the next came', grouped(result.ranOut)],
      ['needed in the long run, a second', asked.reuse === 'everyone' ? 'next to nothing' : `${needed} of ${asked.rate}`],
    ]),
  );
  const name = `${grouped(asked.audience)} callers within ${options.arrival}, ${options.life}, reuse ${asked.reuse}`;
  writeFileSync('simulation.svg', waitingChart(name, [['without a token', result]]));
  console.log('\ndrawn into simulation.svg');
}

const OUTCOME = ['wait, median', 'longest', 'minted', 'tokens that ran out', 'without one at the end'];

function outcome(result, whole) {
  const waits = [0.5, 1].map(part => waitOf(result, part)).map(wait => (Number.isFinite(wait) ? said(wait) : `over ${whole}`));
  return [...waits, grouped(result.minted), grouped(result.ranOut), grouped(result.without.at(-1))];
}

/** The plots and tables of docs/scaling.md. */
function page(folder) {
  mkdirSync(folder, { recursive: true });
  const draw = (name, text) => writeFileSync(join(folder, name), text);
  const base = { within: MINUTE, life: HOUR, reuse: 'caller' };

  const reuses = ['caller', 'everyone'].map(reuse => [`reuse: ${reuse}`, play({ ...base, audience: 10_000, hours: 3, reuse })]);
  draw('reuse.svg', waitingChart('10,000 callers within a minute, tokens of 1 h', reuses));
  draw('budget.svg', budgetChart('The same: budget used', reuses));

  const long = { within: MINUTE, life: 25 * HOUR, reuse: 'caller', hours: 72, times: geometrically(3 * DAY, 300) };
  const audiences = [1000, 10_000, 100_000, 1_000_000].map(audience => [grouped(audience), play({ ...long, audience })]);
  draw('audience.svg', waitingChart('Callers who come within a minute, tokens of 25 h, reuse: caller', audiences, logTimeAxis));

  const lives = ['15m', '1h', '6h', '25h'].map(life => [`tokens of ${life}`, play({ audience: 20_000, within: HOUR, life: seconds(life), reuse: 'caller', hours: 12 })]);
  draw('life.svg', waitingChart('20,000 callers within an hour, reuse: caller', lives));

  const patterns = [['1 min', MINUTE], ['30 min', 30 * MINUTE], ['60 min', HOUR]].map(([name, within]) => [
    `within ${name}`,
    play({ ...base, audience: 10_000, within, hours: 3 }),
  ]);
  draw('arrival.svg', waitingChart('10,000 callers, tokens of 1 h, reuse: caller', patterns));

  const stores = ['shared', 'away', 'none'].map(store => [`store: ${store}`, play({ ...base, audience: 1000, within: 6, instances: 3, store, hours: 0.1 })]);
  draw('instances.svg', waitingChart('1,000 callers within 6 s, three instances, reuse: caller', stores));

  console.log('Callers who come within a minute, tokens of 1 h, over 24 hours\n');
  const rows = [];
  for (const audience of [100, 1000, 10_000, 100_000, 1_000_000]) {
    for (const reuse of ['caller', 'everyone']) {
      rows.push([grouped(audience), reuse, ...outcome(play({ ...base, audience, reuse, hours: 24 }), '24 h')]);
    }
  }
  console.log(table([['callers', 'reuse', ...OUTCOME], ...rows]));

  console.log('\nThe same with tokens of 25 h, over 72 hours\n');
  const days = audiences.map(([name, result]) => [name, 'caller', ...outcome(result, '72 h')]);
  console.log(table([['callers', 'reuse', ...OUTCOME], ...days]));

  console.log('\nThree instances, 1,000 callers within 6 s (reuse: caller)\n');
  console.log(
    table([
      ['store', 'longest wait', 'upstream refused'],
      ...stores.map(([name, result]) => [name, said(waitOf(result, 1)), grouped(result.refused)]),
    ]),
  );

  console.log('\nWhat an audience needs in the long run, in tokens a second (reuse: caller)\n');
  const lifeWords = ['15m', '1h', '6h', '25h'];
  console.log(
    table([
      ['callers', ...lifeWords],
      ...[1000, 10_000, 100_000, 1_000_000, 10_000_000].map(audience => [
        grouped(audience),
        ...lifeWords.map(life => grouped(tidy(audience / (MEAN_REFRESH * seconds(life))))),
      ]),
      ['callers that 5/s carry', ...lifeWords.map(life => grouped(Math.floor(5 * MEAN_REFRESH * seconds(life))))],
    ]),
  );
}

if (options.page === undefined) one();
else page(options.page);
