// Bar charts as SVG: one file, no script, the same bytes for the same numbers.

const WIDTH = 760;
const LABEL = 220;
const ROW = 30;
const TOP = 44;

/** Returns a chart of `rows`, each [name, value], from zero; the value and its `unit` are at the end of each bar. */
export function bars({ title, unit, rows }) {
  const most = Math.max(...rows.map(([, value]) => value));
  const height = TOP + rows.length * ROW + 12;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
  ];
  rows.forEach(([name, value], i) => {
    const y = TOP + i * ROW;
    const width = Math.round((value / most) * (WIDTH - LABEL - 110) * 10) / 10;
    parts.push(`<text x="${LABEL - 10}" y="${y + 16}" text-anchor="end">${escaped(name)}</text>`);
    parts.push(`<rect x="${LABEL}" y="${y + 2}" width="${width}" height="20" fill="#0072b2"/>`);
    parts.push(`<text x="${LABEL + width + 8}" y="${y + 16}">${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} ${unit}</text>`);
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

const escaped = text => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
