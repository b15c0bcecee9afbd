/** Runs `work` for each item, in order, at most `atOnce` at a time. Rejects with the first error. */
export async function eachOf<Item>(
  items: Iterator<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const runner = async (): Promise<void> => {
    for (let next = items.next(); next.done !== true; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
}
