import type { Drawing } from './draw.ts';
import { fontFamily, paint, styleSheet } from './theme.ts';

/** The words around a drawing. */
export type Words = {
  readonly title: string;
  readonly subtitle: string;
  readonly foot: string;
  /** For those who do not see it. */
  readonly description: string;
};

type Text = {
  readonly y: number;
  readonly text: string;
  readonly sizePixels: number;
  readonly weight?: number;
  readonly fill: string;
};

const width = 830;
const headPixels = 76;
const footPixels = 44;

/** A whole SVG file with its own ground, for light and dark pages. */
export function renderFrame({ svg, heightPixels }: Drawing, words: Words): string {
  const height = headPixels + heightPixels + footPixels;
  const muted = paint('muted');
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}" font-size="13">`,
    `<title id="title">${escapeXml(words.title)}</title>`,
    `<desc id="desc">${escapeXml(words.description)}</desc>`,
    `<style>\n${styleSheet}\n</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${paint('ground')}"/>`,
    renderText({ y: 34, text: words.title, sizePixels: 20, weight: 650, fill: paint('text') }),
    renderText({ y: 57, text: words.subtitle, sizePixels: 14, fill: muted }),
    svg.replace('<svg ', `<svg y="${headPixels}" `),
    renderText({ y: height - 16, text: words.foot, sizePixels: 12, fill: muted }),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function renderText({ y, text, sizePixels, weight = 400, fill }: Text): string {
  return `<text x="20" y="${y}" font-size="${sizePixels}" font-weight="${weight}" fill="${fill}">${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
