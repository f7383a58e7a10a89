// The output of a benchmark: a table for people and a file for programs.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** Describes the machine of the measurement. */
export function machine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** Describes the machine on one line. */
export function machineLine() {
  const { processor, cores, memoryMb, system, node } = machine();
  return `${cores} × ${processor}, ${(memoryMb / 1024).toFixed(0)} GiB, ${system}, Node ${node}`;
}

/** Formats rows as aligned text: the first column to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => String(row[column] ?? '').length)));
  return rows
    .map(row => row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('   ').trimEnd())
    .join('\n');
}

/** Writes `value` to the file `name` in the current directory, atomically. */
export function writeJson(name, value) {
  writeFileSync(`${name}.part`, `${JSON.stringify(value, rounded, 1)}\n`);
  renameSync(`${name}.part`, name);
}

/** Sets `part` to `value` in the file `name`, keeping other parts. */
export function mergeJson(name, part, value) {
  let whole = {};
  try {
    whole = JSON.parse(readFileSync(name, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  writeJson(name, { ...whole, machine: machine(), at: new Date().toISOString(), [part]: value });
}

/** Merges each member of `values` into the member of that name in the file `name`. */
export function addJson(name, values) {
  for (const [part, value] of Object.entries(values)) {
    const before = existsSync(name) ? JSON.parse(readFileSync(name, 'utf8'))[part] : undefined;
    mergeJson(name, part, { ...before, ...value });
  }
}

/** Rounds to nine significant figures; there are many samples. */
function rounded(key, value) {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}
