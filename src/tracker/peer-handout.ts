/** What the hand-out weighs. All lists hold only peers that the asker can reach. */
export type HandOut<Peer> = {
  readonly askerIsSeed: boolean;
  readonly isAsker: (peer: Peer) => boolean;
  /** Seeds that are always there: the frontend. */
  readonly permanent: readonly Peer[];
  readonly seeds: readonly Peer[];
  readonly leechers: readonly Peer[];
  readonly wanted: number;
  readonly random: () => number;
};

/**
 * Who is told to an asking peer. A seed needs only those who still download. Anyone else gets the
 * frontend, then a random sample of both: up to a third of it seeds, so that a finished node keeps
 * helping without keeping the downloading ones apart, and more of either where the other is short.
 */
export function choosePeers<Peer>(handOut: HandOut<Peer>): readonly Peer[] {
  const { askerIsSeed, leechers, wanted } = handOut;
  if (askerIsSeed) return sampleOthers(leechers, wanted, handOut);
  const permanent = handOut.permanent.slice(0, wanted);
  const places = wanted - permanent.length;
  const placesForSeeds = Math.min(handOut.seeds.length, Math.ceil(places / 3));
  const chosenLeechers = sampleOthers(leechers, places - placesForSeeds, handOut);
  const chosenSeeds = sampleOthers(handOut.seeds, places - chosenLeechers.length, handOut);
  return [...permanent, ...chosenSeeds, ...chosenLeechers];
}

function sampleOthers<Peer>(
  peers: readonly Peer[],
  count: number,
  { isAsker, random }: Pick<HandOut<Peer>, 'isAsker' | 'random'>,
): readonly Peer[] {
  return sample(peers, count + 1, random)
    .filter((peer) => !isAsker(peer))
    .slice(0, count);
}

/** The start of a shuffle (Fisher and Yates), in time that does not grow with the list. */
function sample<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const moved = new Map<number, number>();
  const chosen: Item[] = [];
  for (let place = 0; place < Math.min(count, items.length); place += 1) {
    const drawn = place + Math.floor(random() * (items.length - place));
    const item = items[moved.get(drawn) ?? drawn];
    if (item !== undefined) chosen.push(item);
    moved.set(drawn, moved.get(place) ?? place);
  }
  return chosen;
}
