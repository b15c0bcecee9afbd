import { useCallback, useState } from 'preact/hooks';

export type Band = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

type Point = { readonly x: number; readonly y: number };

const leastPixels = 6;

/**
 * A band that is drawn with the mouse around cells. `onBand` gets the names inside, again and again
 * while it is drawn; fingers scroll instead.
 */
export function useBand(
  onBand: (names: readonly string[], keeps: boolean) => void,
): readonly [
  Band | undefined,
  (event: PointerEvent & { readonly currentTarget: HTMLElement }) => void,
] {
  const [band, setBand] = useState<Band>();
  const begin = useCallback(
    (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
      if (event.button !== 0 || event.pointerType === 'touch' || event.shiftKey) return;
      const area = event.currentTarget;
      const keeps = event.ctrlKey || event.metaKey;
      const start = pointIn(area, event);
      const cells = placesOf(area);
      let frame = 0;
      let isDrawn = false;
      let latest = start;
      const draw = (): void => {
        frame = 0;
        const drawn = bandOf(start, latest);
        setBand(drawn);
        onBand(namesIn(drawn, cells), keeps);
      };
      const move = (moved: PointerEvent): void => {
        latest = pointIn(area, moved);
        isDrawn ||= Math.hypot(latest.x - start.x, latest.y - start.y) >= leastPixels;
        if (isDrawn) frame ||= requestAnimationFrame(draw);
      };
      const end = (): void => {
        cancelAnimationFrame(frame);
        setBand(undefined);
        removeEventListener('pointermove', move);
        removeEventListener('pointerup', end);
        removeEventListener('pointercancel', end);
        if (!isDrawn) return;
        onBand(namesIn(bandOf(start, latest), cells), keeps);
        // What ends a band is no click.
        addEventListener('click', swallow, { capture: true, once: true });
        setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
      };
      addEventListener('pointermove', move);
      addEventListener('pointerup', end);
      addEventListener('pointercancel', end);
    },
    [onBand],
  );
  return [band, begin];
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}

function pointIn(area: HTMLElement, { clientX, clientY }: PointerEvent): Point {
  const { left, top } = area.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

type Place = { readonly name: string; readonly box: Band };

/** Measured once: two thousand boxes at each move would be felt. */
function placesOf(area: HTMLElement): readonly Place[] {
  const origin = area.getBoundingClientRect();
  return [...area.querySelectorAll<HTMLElement>('[data-name]')].map((cell) => {
    const { left, top, width, height } = cell.getBoundingClientRect();
    const box = { left: left - origin.left, top: top - origin.top, width, height };
    return { name: cell.dataset.name ?? '', box };
  });
}

function bandOf(a: Point, b: Point): Band {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

function namesIn(band: Band, places: readonly Place[]): readonly string[] {
  return places
    .filter(
      ({ box }) =>
        box.left < band.left + band.width &&
        box.left + box.width > band.left &&
        box.top < band.top + band.height &&
        box.top + box.height > band.top,
    )
    .map(({ name }) => name);
}
