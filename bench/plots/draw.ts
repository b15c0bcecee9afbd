import { type Markish, type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** An `<svg>` element, so many pixels high. */
export type Drawing = { readonly svg: string; readonly heightPixels: number };

type Options = PlotOptions & { readonly height: number; readonly marks: Markish[] };

/** Draws the marks, in the same bytes wherever it is done. */
export function draw(options: Options): Drawing {
  const { document } = parseHTML('<!doctype html><html></html>');
  const drawn = plot({
    ...options,
    width: 830,
    document: document as unknown as NonNullable<PlotOptions['document']>,
    style: { fontFamily: 'inherit', fontSize: 'inherit', overflow: 'visible' },
  });
  drawn.querySelector('style')?.remove();
  return { svg: roundNumbers(drawn.outerHTML), heightPixels: options.height };
}

/** Places to a tenth of a pixel; texts between elements are left alone. */
function roundNumbers(svg: string): string {
  return svg.replace(/<[^>]*>/g, (element) =>
    element.replace(/-?\d+\.\d{2,}/g, (text) => `${Number(Number(text).toFixed(1))}`),
  );
}
