// Line charts as SVG: one file, no script, the same bytes for the same numbers.

const WIDTH = 760;
const HEIGHT = 380;
const BOX = { left: 78, right: 20, top: 48, bottom: 84 };
// Colors that color-blind people can distinguish (Okabe and Ito).
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '', '7 3'];

/**
 * Returns a chart of `series`, each { name, points: [[x, y], …] }. `x` and `y` are { label, least, most, ticks:
 * [[value, text], …], log }; on a logarithmic axis, values below `least` are drawn at `least`.
 */
export function chart({ title, x, y, series }) {
  const across = place(x, BOX.left, WIDTH - BOX.right);
  const up = place(y, HEIGHT - BOX.bottom, BOX.top);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${BOX.left}" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
  ];
  for (const [value, text] of y.ticks) {
    const at = up(value);
    parts.push(`<path d="M${BOX.left} ${at}H${WIDTH - BOX.right}" stroke="#ddd"/>`);
    parts.push(`<text x="${BOX.left - 8}" y="${at + 4}" text-anchor="end">${escaped(text)}</text>`);
  }
  for (const [value, text] of x.ticks) {
    const at = across(value);
    parts.push(`<path d="M${at} ${HEIGHT - BOX.bottom}v5" stroke="#222"/>`);
    parts.push(`<text x="${at}" y="${HEIGHT - BOX.bottom + 19}" text-anchor="middle">${escaped(text)}</text>`);
  }
  parts.push(`<path d="M${BOX.left} ${BOX.top}V${HEIGHT - BOX.bottom}H${WIDTH - BOX.right}" fill="none" stroke="#222"/>`);
  parts.push(`<text x="${(BOX.left + WIDTH - BOX.right) / 2}" y="${HEIGHT - BOX.bottom + 38}" text-anchor="middle">${escaped(x.label)}</text>`);
  const middle = (BOX.top + HEIGHT - BOX.bottom) / 2;
  parts.push(`<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${escaped(y.label)}</text>`);
  series.forEach(({ name, points }, i) => {
    const stroke = `fill="none" stroke="${COLOURS[i]}" stroke-width="2"${DASHES[i] === '' ? '' : ` stroke-dasharray="${DASHES[i]}"`}`;
    parts.push(`<path d="${path(points, across, up)}" ${stroke}/>`);
    const column = BOX.left + (i % 3) * ((WIDTH - BOX.left - BOX.right) / 3);
    const row = HEIGHT - 28 + Math.floor(i / 3) * 18;
    parts.push(`<path d="M${column} ${row - 4}h26" ${stroke}/>`);
    parts.push(`<text x="${column + 32}" y="${row}">${escaped(name)}</text>`);
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

function place({ least, most, log }, from, to) {
  const scale = log ? Math.log : value => value;
  return value => {
    const part = (scale(Math.min(most, Math.max(least, value))) - scale(least)) / (scale(most) - scale(least));
    return Math.round((from + part * (to - from)) * 10) / 10;
  };
}

/** Omits points in the middle of a straight line. */
function path(points, across, up) {
  const drawn = points.map(([x, y]) => [across(x), up(y)]);
  const kept = drawn.filter(([, y], i) => i === 0 || i === drawn.length - 1 || y !== drawn[i - 1][1] || y !== drawn[i + 1][1]);
  return `M${kept.map(([x, y]) => `${x} ${y}`).join('L')}`;
}

const escaped = text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
