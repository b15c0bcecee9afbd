/**
 * Chooses up to four sizes whose sum leaves this remainder, as few as possible. With 4 × ⁴√modulus
 * random sizes there is nearly always such a choice. Returns their places, or undefined.
 */
export function chooseFillers(
  sizes: readonly number[],
  wanted: { readonly remainder: number; readonly modulus: number },
): readonly number[] | undefined {
  const { remainder, modulus } = wanted;
  if (remainder === 0) return [];
  const singles = new Map(sizes.map((size, at) => [size % modulus, [at]]));
  const pairs = pairsByRemainder(sizes, modulus);
  const left = (sum: number) => (((remainder - sum) % modulus) + modulus) % modulus;
  return (
    singles.get(remainder) ??
    pairs.get(remainder) ??
    findTogether(singles, (sum) => pairs.get(left(sum))) ??
    findTogether(pairs, (sum) => pairs.get(left(sum)))
  );
}

function pairsByRemainder(sizes: readonly number[], modulus: number): Map<number, number[]> {
  const pairs = new Map<number, number[]>();
  for (const [second, secondSize] of sizes.entries()) {
    for (const [first, firstSize] of sizes.slice(0, second).entries()) {
      const sum = (firstSize + secondSize) % modulus;
      if (!pairs.has(sum)) pairs.set(sum, [first, second]);
    }
  }
  return pairs;
}

function findTogether(
  choices: ReadonlyMap<number, readonly number[]>,
  complementOf: (sum: number) => readonly number[] | undefined,
): readonly number[] | undefined {
  for (const [sum, places] of choices) {
    const complement = complementOf(sum);
    if (complement?.every((at) => !places.includes(at))) return [...places, ...complement];
  }
  return undefined;
}
