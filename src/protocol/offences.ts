/** What an agent tells a tracker of a peer that went while it was asked for something. */
export const hungUp = 'hung up while it was asked';
