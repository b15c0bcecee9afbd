const freshMs = 1_000;

/** Whatever the page holds, it runs nothing and loads nothing. */
export const statsHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Made at most once a second, however many readers there are, and only when one asks. */
export function keepFresh<Value>(nowMs: () => number, make: () => Value): () => Value {
  let kept: { readonly value: Value; readonly untilMs: number } | undefined;
  return () => {
    if (kept === undefined || nowMs() >= kept.untilMs) {
      kept = { value: make(), untilMs: nowMs() + freshMs };
    }
    return kept.value;
  };
}
