const windowMs = 2_000;

/** Bytes per second over the last two seconds or so. */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly doneBytes: number }[] = [];

  /** Takes in how many bytes are done, and tells the rate; 0 at the first sample. */
  add(doneBytes: number, atMs: number): number {
    this.#samples.push({ atMs, doneBytes });
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - windowMs) this.#samples.shift();
    const [oldest] = this.#samples;
    if (oldest === undefined || oldest.atMs === atMs) return 0;
    return ((doneBytes - oldest.doneBytes) * 1_000) / (atMs - oldest.atMs);
  }
}
