import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value that is not undefined. Rejects after 30 s with what was expected. */
export async function until<Value>(
  expected: string,
  look: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const endsAtMs = Date.now() + 30_000;
  while (Date.now() < endsAtMs) {
    const value = await look();
    if (value !== undefined) return value;
    await sleep(100);
  }
  throw new Error(`expected ${expected} within 30 s`);
}
