// What a program leaves behind: a table for people and a file for programs.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** The machine that the figures were measured on. */
export function machine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** One line of it. */
export function machineLine() {
  const { processor, cores, memoryMb, system, node } = machine();
  return `${cores} × ${processor}, ${(memoryMb / 1024).toFixed(0)} GiB, ${system}, Node ${node}`;
}

/** Rows of cells as aligned text: the first column to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => String(row[column] ?? '').length)));
  return rows
    .map(row => row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('   ').trimEnd())
    .join('\n');
}

/** Writes `value` as the file `name` of the current directory, whole or not at all. */
export function writeJson(name, value) {
  writeFileSync(`${name}.part`, `${JSON.stringify(value, rounded, 1)}\n`);
  renameSync(`${name}.part`, name);
}

/** Puts `value` under `part` into the file `name`, beside what other parts have put there. */
export function mergeJson(name, part, value) {
  let whole = {};
  try {
    whole = JSON.parse(readFileSync(name, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  writeJson(name, { ...whole, machine: machine(), at: new Date().toISOString(), [part]: value });
}

/** Puts each member of `values` into the file `name`, into what is there of that name already. */
export function addJson(name, values) {
  for (const [part, value] of Object.entries(values)) {
    const before = existsSync(name) ? JSON.parse(readFileSync(name, 'utf8'))[part] : undefined;
    mergeJson(name, part, { ...before, ...value });
  }
}

/** Nine significant figures: more would be noise, and there are many samples. */
function rounded(key, value) {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : null;
}
