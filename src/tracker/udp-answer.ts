import type { RemoteInfo } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { normalizeAddress } from './address.ts';
import { readByteCount } from './announce-numbers.ts';
import { type AnnounceRequest, readWanted } from './announce-request.ts';
import type { ConnectionIds } from './connection-ids.ts';
import type { RefusalCounter } from './refusals.ts';
import type { Registry } from './registry.ts';
import type { RefusalReason } from './types.ts';
import {
  decodeUdpRequest,
  encodeAnnounceReply,
  encodeConnectReply,
  encodeErrorReply,
  encodeScrapeReply,
  type UdpRequest,
} from './udp-codec.ts';

export type UdpAnswerDeps = {
  readonly registry: Registry;
  readonly refusals: RefusalCounter;
  readonly connectionIds: ConnectionIds;
  readonly isInNetworks: (address: string) => boolean;
  /** The tracker's address as the asking machine knows it. */
  readonly localAddressFor: (asker: string) => string | undefined;
};

export type UdpAnswerer = (message: Buffer, sender: RemoteInfo) => Buffer | undefined;

/**
 * What a datagram is answered with; undefined is silence. Until a sender has shown, by its
 * connection id, that it receives at its address, no answer is longer than what it sent.
 */
export function createUdpAnswerer(
  deps: UdpAnswerDeps,
  config: { readonly intervalSeconds: number },
): UdpAnswerer {
  return (message, sender) => {
    const address = normalizeAddress(sender.address);
    if (address === undefined || !deps.isInNetworks(address)) return refuse('foreign-network');
    const request = decodeUdpRequest(message);
    if (request === undefined) return refuse('malformed');
    if (request.kind === 'connect') {
      return encodeConnectReply(request.transactionId, deps.connectionIds.create(address));
    }
    if (!deps.connectionIds.isValid(request.connectionId, address)) {
      refuse('bad-connection-id');
      const error = encodeErrorReply(request.transactionId, 'connection id expired, connect again');
      return error.length <= message.length ? error : undefined;
    }
    return request.kind === 'announce' ? announce(request, address) : scrape(request);
  };

  function refuse(reason: RefusalReason): undefined {
    deps.refusals.count(reason);
    return undefined;
  }

  function scrape({ transactionId, infohashes }: Of<'scrape'>): Buffer {
    return encodeScrapeReply(transactionId, deps.registry.scrape(infohashes));
  }

  function announce(request: Of<'announce'>, address: string): Buffer {
    const { transactionId } = request;
    const localAddress = deps.localAddressFor(address);
    const outcome = deps.registry.announce(announceRequest(request, { address, localAddress }));
    if (outcome.kind === 'refused') {
      refuse(outcome.reason);
      return encodeErrorReply(transactionId, outcome.message);
    }
    const { seeds, leechers } = outcome;
    const compactPeers = outcome.peers.compact(isIPv4(address) ? 'ipv4' : 'ipv6');
    return encodeAnnounceReply({ ...config, transactionId, seeds, leechers, compactPeers });
  }
}

type Of<Kind extends UdpRequest['kind']> = Extract<UdpRequest, { readonly kind: Kind }>;

/** 18 bytes each: the answer still fits the smallest packet that IPv6 promises to carry. */
const maximumWantedIpv6 = 60;

function announceRequest(
  request: Of<'announce'>,
  { address, localAddress }: Pick<AnnounceRequest, 'address' | 'localAddress'>,
): AnnounceRequest {
  const { infohash, peerId, port, event, leftBytes } = request;
  const wanted = readWanted(request.wanted);
  return {
    infohash,
    peerId,
    address,
    port,
    event,
    leftBytes: readByteCount(leftBytes),
    uploadedBytes: readByteCount(request.uploadedBytes) ?? 0,
    downloadedBytes: readByteCount(request.downloadedBytes) ?? 0,
    frontendBytes: undefined,
    role: undefined,
    report: undefined,
    wanted: isIPv4(address) ? wanted : Math.min(wanted, maximumWantedIpv6),
    family: isIPv4(address) ? 'ipv4' : 'ipv6',
    localAddress,
  };
}
