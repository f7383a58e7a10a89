// all: every part that has a target, one after the other, into one bench.json
//
//   ./tvm bench [--short] [PART…] [--docs]
//
// Parts: server, cold, start, growth and local. --docs puts the figures into docs/performance.md, and its plots beside it; it wants a quiet
// machine. Exit code 1: a part failed or a target was missed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writePage } from './support/page.mjs';
import { table, writeJson } from './support/report.mjs';
import { judge } from './support/targets.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, docs: { type: 'boolean', default: false } },
});
const file = part => fileURLToPath(new URL(`./${part}.mjs`, import.meta.url));
const parts = positionals.length > 0 ? positionals : ['server', 'cold', 'start', 'growth', 'local'];
if (!parts.every(part => /^[a-z]+$/.test(part) && existsSync(file(part)))) {
  console.error('bench: there is no such part; ./tvm bench help lists them');
  process.exit(2);
}
if (positionals.length === 0) writeJson('bench.json', { form: options.short ? 'short' : 'long' });
let failed = false;
for (const part of parts) {
  console.log(`\n── ${part} (load average ${loadavg()[0].toFixed(1)})`);
  const child = spawn(process.execPath, [file(part), ...(options.short ? ['--short'] : [])], { stdio: 'inherit' });
  const code = await new Promise(resolve => child.once('exit', (exit, signal) => resolve(signal === null ? exit : 1)));
  failed ||= code !== 0;
}
const figures = JSON.parse(readFileSync('bench.json', 'utf8'));
const judged = judge(figures);
console.log(`\n${table([['target', 'wanted', 'found', ''], ...judged.map(({ name, wanted, found, met }) => [name, wanted, found, met])])}`);
if (options.docs) writePage(figures, judged);
process.exit(failed || judged.some(({ met }) => met === 'missed') ? 1 : 0);
