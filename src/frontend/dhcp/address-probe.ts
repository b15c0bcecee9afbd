import { type ArpSender, encodeArpRequest, readArpSender } from '../../protocol/arp.ts';
import type { ArpSocket } from '../../runtime/arp-socket.ts';
import { messageOf } from '../../runtime/errors.ts';

/** Who may have the address: the machine that is to get it, by whichever of its interfaces. */
export type AddressQuestion = { readonly address: string; readonly macs: readonly string[] };

export type AddressProbe = {
  /**
   * The MAC address of another machine that uses the address now; undefined: nobody answered in
   * time, or there was no asking. Never rejects. Who asks for the same address again joins in.
   */
  readonly userOf: (question: AddressQuestion) => Promise<string | undefined>;
  /** True while an answer is waited for. */
  readonly isAsking: (address: string) => boolean;
  readonly close: () => void;
};

export type AddressProbeDeps = {
  readonly arp: ArpSocket;
  /** ARP could not be sent or heard, or there were too many questions at once. */
  readonly onTrouble: (text: string) => void;
  readonly clockMs?: () => number;
};

export type AddressProbeConfig = {
  /** The frontend itself on that interface. */
  readonly own: ArpSender;
  /** All that this machine has: it does not hear its own questions. */
  readonly ownAddresses?: ReadonlySet<string>;
  readonly waitMs?: number;
  readonly questionsLimit?: number;
};

/**
 * A machine on the same wire answers within a millisecond or two, one with a slow network card in
 * some ten; firmware waits a second and more for its offer.
 */
const usualWaitMs = 250;
/** In time for one more, should the first have been lost. */
const againAfter = 0.4;
/** A rack of a thousand, powered on within a second, has about as many open at once. */
const usualQuestionsLimit = 256;
const turnMs = 5;
/** What lay there before anybody asked, and floods of ARP, must not take all of the time. */
const packetsPerTurn = 1024;

type Question = {
  readonly macs: readonly string[];
  readonly endMs: number;
  readonly answer: PromiseWithResolvers<string | undefined>;
  againMs: number;
};

/**
 * Asks by ARP whether somebody uses an address (RFC 2131, 4.3.1). It listens to the wire itself: the
 * system's table of neighbours also has entries that are old, or that this server put there.
 */
export function createAddressProbe(
  { arp, onTrouble, clockMs = () => performance.now() }: AddressProbeDeps,
  config: AddressProbeConfig,
): AddressProbe {
  const { own, ownAddresses, waitMs = usualWaitMs, questionsLimit = usualQuestionsLimit } = config;
  const open = new Map<string, Question>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function ask(address: string, macs: readonly string[]): Promise<string | undefined> {
    if (open.size === 0) skipOldPackets(arp);
    arp.broadcast(encodeArpRequest(own, address));
    const nowMs = clockMs();
    const answer = Promise.withResolvers<string | undefined>();
    const againMs = nowMs + waitMs * againAfter;
    open.set(address, { macs, endMs: nowMs + waitMs, againMs, answer });
    timer ??= setInterval(() => attempt(turn), turnMs);
    return answer.promise;
  }

  function turn(): void {
    // Before the clock: an answer may lie there already when this turn comes late.
    for (const { address, mac } of takeSenders(arp)) {
      const question = open.get(address);
      if (question !== undefined && !question.macs.includes(mac)) settle(address, mac);
    }
    const nowMs = clockMs();
    for (const [address, question] of open) {
      if (question.endMs <= nowMs) settle(address);
      else if (question.againMs <= nowMs) {
        question.againMs = Infinity;
        arp.broadcast(encodeArpRequest(own, address));
      }
    }
  }

  function settle(address: string, user?: string): void {
    open.get(address)?.answer.resolve(user);
    open.delete(address);
    if (open.size === 0) stop();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  /** Without ARP addresses are given away as if nobody used them, as other servers do. */
  function attempt<Result>(act: () => Result): Result | undefined {
    try {
      return act();
    } catch (error) {
      onTrouble(`expected to ask by ARP who uses an address, got: ${messageOf(error)}`);
      for (const address of [...open.keys()]) settle(address);
      return undefined;
    }
  }

  return {
    userOf: async ({ address, macs }) => {
      if (isClosed) return undefined;
      if (ownAddresses?.has(address)) return own.mac;
      const known = open.get(address);
      if (known !== undefined) return known.answer.promise;
      if (open.size < questionsLimit) return attempt(() => ask(address, macs));
      onTrouble(`${questionsLimit} addresses are being asked about; more are given away unasked`);
      return undefined;
    },
    isAsking: (address) => open.has(address),
    close: () => {
      for (const address of [...open.keys()]) settle(address);
      stop();
      isClosed = true;
      arp.close();
    },
  };
}

function* takeSenders(arp: ArpSocket): Generator<ArpSender> {
  for (let count = 0; count < packetsPerTurn; count += 1) {
    const packet = arp.receive();
    if (packet === undefined) return;
    const sender = readArpSender(packet);
    if (sender !== undefined) yield sender;
  }
}

function skipOldPackets(arp: ArpSocket): void {
  for (let count = 0; count < packetsPerTurn; count += 1) if (arp.receive() === undefined) return;
}
