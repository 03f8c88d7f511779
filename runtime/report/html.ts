/** Text for HTML and SVG, safe whatever it contains, and numbers as a reader wants them. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for element content and quoted attributes; control characters (not allowed in HTML) become spaces. */
export function escapeHtml(text: string): string {
  return Array.from(text, (c) => (c < ' ' && c !== '\n' && c !== '\t' ? ' ' : (ENTITIES[c] ?? c))).join('');
}

/** A number with about four significant digits: 0.01234, 12.35, 1,234, 1.2e-7; "–" for what is not a number. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e9)
    return tidy(
      value
        .toExponential(2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e'),
    );
  if (Number.isInteger(value) || size >= 1e4) return tidy(grouped(value.toFixed(0)));
  return tidy(trimZeros(value.toPrecision(4)));
}

/** A share of 100 with one decimal; "–" for NaN. */
export function formatPercent(value: number): string {
  return Number.isNaN(value) ? '–' : tidy(value.toFixed(1));
}

/** A coordinate of a drawing: two decimals at most. */
export function coordinate(value: number): string {
  return trimZeros(value.toFixed(2));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function grouped(text: string): string {
  return text.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A typographic minus, which is as wide as a digit. */
function tidy(text: string): string {
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
}
