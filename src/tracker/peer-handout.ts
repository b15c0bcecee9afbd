/** A list, or several that are read as one. */
export type Peers<Peer> = {
  readonly length: number;
  readonly at: (index: number) => Peer | undefined;
};

/** What the hand-out weighs. All lists hold only peers that the asker can reach. */
export type HandOut<Peer> = {
  readonly askerIsSeed: boolean;
  /** What the asker lacks, 0 to 1; 1 where that is not known. */
  readonly askerNeed: number;
  readonly isAsker: (peer: Peer) => boolean;
  readonly isNear: (peer: Peer) => boolean;
  /** Seeds that are always there: the frontend. */
  readonly permanent: readonly Peer[];
  /** Of the asker's own rack. */
  readonly nearSeeds: Peers<Peer>;
  readonly nearLeechers: Peers<Peer>;
  /** Of all racks, its own included. */
  readonly seeds: Peers<Peer>;
  readonly leechers: Peers<Peer>;
  readonly wanted: number;
  readonly random: () => number;
};

/** Of all places, for peers of other racks, so that no rack is cut off from what others have. */
const farShare = 1 / 5;
/** Of all places, for seeds: for one that has nearly everything, and for one that has nothing. */
const leastSeeds = 1 / 6;
const mostSeeds = 1 / 2;

/**
 * Who is told to an asking peer; that it is never itself is the first rule, and the others are:
 *
 * 1. a seed is told of those who still download, never of a seed;
 * 2. anyone else is told of the frontend first;
 * 3. seeds go to those in need: half of the places for a peer that has nothing, a sixth for one
 *    that has nearly everything, so that finished nodes keep helping without keeping the
 *    downloading ones apart;
 * 4. of either, those of the own rack come first, and a fifth is of other racks;
 * 5. within a rule everybody is as likely as anybody else;
 * 6. where one kind is short, others take its places: nobody is told of fewer than there are.
 *
 * The time it takes grows with `wanted`, not with the swarm.
 */
export function choosePeers<Peer>(handOut: HandOut<Peer>): readonly Peer[] {
  const { askerIsSeed, askerNeed, wanted } = handOut;
  if (askerIsSeed) return chooseOf(handOut, 'leechers', wanted);
  const permanent = handOut.permanent.slice(0, wanted);
  const places = wanted - permanent.length;
  const share = leastSeeds + (mostSeeds - leastSeeds) * askerNeed;
  const forSeeds = Math.min(handOut.seeds.length, Math.ceil(places * share));
  const leechers = chooseOf(handOut, 'leechers', places - forSeeds);
  const seeds = chooseOf(handOut, 'seeds', places - leechers.length);
  return [...permanent, ...seeds, ...leechers];
}

function chooseOf<Peer>(
  handOut: HandOut<Peer>,
  kind: 'seeds' | 'leechers',
  count: number,
): readonly Peer[] {
  if (count <= 0) return [];
  const { random, isAsker, isNear } = handOut;
  const all = handOut[kind];
  const nearPeers = kind === 'seeds' ? handOut.nearSeeds : handOut.nearLeechers;
  const near = sample(nearPeers, { count, random, isWanted: (peer) => !isAsker(peer) });
  const farPlaces = Math.max(Math.ceil(count * farShare), count - near.length);
  const isFar = (peer: Peer) => !isNear(peer) && !isAsker(peer);
  const hasFar = all.length > nearPeers.length;
  const far = hasFar ? sample(all, { count: farPlaces, random, isWanted: isFar }) : [];
  return [...near.slice(0, count - far.length), ...far];
}

/** In a sample of a list most of which is not wanted, so many more are drawn, and no more. */
const vainDraws = 256;

/** The start of a shuffle (Fisher and Yates), without those who are not wanted. */
function sample<Item>(
  items: Peers<Item>,
  options: {
    readonly count: number;
    readonly random: () => number;
    readonly isWanted: (item: Item) => boolean;
  },
): Item[] {
  const { count, random, isWanted } = options;
  const { length } = items;
  const order = length <= longestCopied ? copiedOrder(length) : sparseOrder();
  const chosen: Item[] = [];
  const draws = Math.min(length, count + vainDraws);
  for (let place = 0; place < draws && chosen.length < count; place += 1) {
    const drawn = place + Math.floor(random() * (length - place));
    const item = items.at(order.get(drawn));
    if (item !== undefined && isWanted(item)) chosen.push(item);
    order.set(drawn, order.get(place));
  }
  return chosen;
}

type Order = {
  readonly get: (place: number) => number;
  readonly set: (place: number, index: number) => void;
};

/** Shorter lists are shuffled as they are, of longer ones it is noted what has moved. */
const longestCopied = 128;
const copied = new Uint8Array(longestCopied);

function copiedOrder(length: number): Order {
  for (let index = 0; index < length; index += 1) copied[index] = index;
  return {
    get: (place) => copied[place] ?? 0,
    set: (place, index) => {
      copied[place] = index;
    },
  };
}

function sparseOrder(): Order {
  const moved = new Map<number, number>();
  return {
    get: (place) => moved.get(place) ?? place,
    set: (place, index) => {
      moved.set(place, index);
    },
  };
}
