import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

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
  const secret = randomBytes(32);
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
    const hmac = createHmac('sha256', secret).update(`${second} ${address}`);
    return hmac.digest().subarray(0, tagBytes);
  }
}
