/** Light and dark, told apart by people with any kind of colour vision; 4.5:1 or more as text. */
export const colours = {
  ground: ['#ffffff', '#0d1117'],
  text: ['#16212b', '#e8eef4'],
  muted: ['#57656f', '#9eacb8'],
  line: ['#e4eaef', '#232b33'],
  mark: ['#8796a3', '#66757f'],
  own: ['#0a5c9e', '#7cc0f5'],
  warm: ['#a35a00', '#eaac45'],
  rose: ['#ab2f62', '#f291b4'],
  grey: ['#5d6b78', '#a0aebb'],
} as const;

type Colour = keyof typeof colours;

/** The same system is the same in every picture. */
const seriesColours: ReadonlyMap<string, Colour> = new Map([
  ['scree', 'own'],
  ['libtorrent', 'warm'],
  ['opentracker', 'warm'],
  ['dnsmasq', 'warm'],
  ['aria2', 'rose'],
  ['tftpd-hpa', 'rose'],
]);

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Arial, sans-serif";

/** The ground is part of the picture, so that it can be read on whatever page it is shown. */
export const styleSheet = [
  `:root { ${declare(0)} }`,
  `@media (prefers-color-scheme: dark) { :root { ${declare(1)} } }`,
].join('\n');

export function paint(colour: Colour): string {
  return `var(--${colour})`;
}

export function paintOf(series: string): string {
  return paint(seriesColours.get(series) ?? 'grey');
}

export function isOwn(series: string | undefined): boolean {
  return series === 'scree';
}

/** As it is written in a sentence. */
export function nameOf(series: string): string {
  return isOwn(series) ? 'Scree' : series;
}

/** Pixels that the longest of these labels takes, whichever font there is. */
export function widthOf(labels: readonly string[]): number {
  return Math.max(...labels.map((label) => label.length)) * 8;
}

function declare(which: 0 | 1): string {
  return Object.entries(colours)
    .map(([name, pair]) => `--${name}: ${pair[which]};`)
    .join(' ');
}
