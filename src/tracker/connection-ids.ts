import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long an id is taken after it was given out (BEP 15). */
const lifeSeconds = 120;
const clockBytes = 2;
const clockSize = 2 ** (8 * clockBytes);
const tagBytes = 6;

/**
 * Ids that prove that a datagram's sender receives what is sent to its address: two bytes of the
 * time they were made and six of an HMAC over that time and the address, so nothing is stored.
 */
export type ConnectionIds = {
  readonly create: (address: string) => Buffer;
  readonly isValid: (connectionId: Buffer, address: string) => boolean;
};

export function createConnectionIds(deps: { readonly nowMs: () => number }): ConnectionIds {
  const hmac = createHmacSha256(randomBytes(32));
  return {
    create: (address) => {
      const second = Math.floor(deps.nowMs() / 1000);
      const clock = Buffer.alloc(clockBytes);
      clock.writeUInt16BE(second % clockSize);
      return Buffer.concat([clock, tagOf(second, address)]);
    },
    isValid: (connectionId, address) => {
      const now = Math.floor(deps.nowMs() / 1000);
      const ageSeconds = (now - connectionId.readUInt16BE(0) + clockSize) % clockSize;
      if (ageSeconds > lifeSeconds) return false;
      return timingSafeEqual(connectionId.subarray(clockBytes), tagOf(now - ageSeconds, address));
    },
  };

  function tagOf(second: number, address: string): Buffer {
    return hmac(`${second} ${address}`).subarray(0, tagBytes);
  }
}

const blockBytes = 64;
const digestBytes = 32;
const longestTextBytes = 128;

/**
 * HMAC-SHA-256 (RFC 2104) of short ASCII texts. Node's own makes an object and a key for each; there
 * that was a third of what an announce costs.
 */
export function createHmacSha256(key: Buffer): (text: string) => Buffer {
  const inner = Buffer.alloc(blockBytes + longestTextBytes, 0x36);
  const outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
  for (const [index, byte] of key.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (text) => {
    const end = blockBytes + inner.write(text, blockBytes, 'latin1');
    hash('sha256', inner.subarray(0, end), 'buffer').copy(outer, blockBytes);
    return hash('sha256', outer, 'buffer');
  };
}
