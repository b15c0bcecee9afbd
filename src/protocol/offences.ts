/** What agents tell a tracker of peers, where that takes more than one word of one of them. */

/** It went while it was asked for something. */
export const hungUp = 'hung up while it was asked';
export const gaveNothing = 'gives nothing of what it is asked';
export const isSlow = 'is far slower than others';

/** It may as well be the way between the two, or the one that says it. */
export function isDoubtful(reason: string): boolean {
  return reason === hungUp || reason === gaveNothing || reason === isSlow;
}
