type Scale = 'linear' | 'log';

/** What an axis spans: the values as they are, or from zero to an even step above them. */
export function domainOf(scale: Scale, values: readonly number[]): [number, number] {
  const most = Math.max(...values);
  if (scale === 'log') return [Math.min(...values), most];
  return [0, Math.ceil(most / stepOf(most)) * stepOf(most)];
}

/** Even steps from zero, or doublings: what a reader can compare without reckoning. */
export function ticksOf(scale: Scale, [least, most]: readonly [number, number]): number[] {
  if (scale === 'linear') {
    const step = stepOf(most);
    return Array.from({ length: Math.round(most / step) + 1 }, (_, index) => index * step);
  }
  const first = Math.ceil(Math.log2(least));
  const count = Math.floor(Math.log2(most)) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => 2 ** (first + index));
}

/** 1, 2 or 5 and zeros; at most five of them below `most`. */
function stepOf(most: number): number {
  const ten = 10 ** Math.floor(Math.log10(most / 5));
  return ten * ([1, 2, 5].find((each) => each * ten >= most / 5) ?? 10);
}
