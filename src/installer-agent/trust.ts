import { createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '../protocol/manifest.ts';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';

export class KeyError extends ScreeError<'not-a-key'> {}

/** Which key manifests must be signed with. */
export type Trust = {
  /** A key was given to the agent: what it did not sign is refused, not passed on. */
  readonly strict: boolean;
  /** The key, after the frontend named `offered` as its own; undefined: none known. */
  readonly keyFor: (offered: string | undefined) => KeyObject | undefined;
  /** Why a frontend that names `offered` is not the one whose key was given. */
  readonly disagreesWith: (offered: string | undefined) => string | undefined;
};

/** Without a given key the first one that the frontend names is kept for the agent's life. */
export function createTrust(given: KeyObject | undefined, log: Log): Trust {
  let known = given;
  let wasTried = false;
  const trustFirst = (offered: string) => {
    try {
      known = parsePublicKey(offered);
      log.warn('no key was given, trusting the one that the frontend names', {
        keyId: keyIdOf(known),
      });
    } catch (error) {
      log.warn('frontend names no usable key', { reason: messageOf(error) });
    }
  };
  return {
    strict: given !== undefined,
    keyFor: (offered) => {
      if (known === undefined && offered !== undefined && !wasTried) {
        wasTried = true;
        trustFirst(offered);
      }
      return known;
    },
    disagreesWith: (offered) => {
      if (given === undefined || offered === undefined || isKey(offered, given)) return undefined;
      const ours = `expected the frontend whose key is ${keyIdOf(given)}`;
      const advice = 'is it another frontend, or has it made new keys since?';
      return `${ours}, got one whose key is ${describeKey(offered)}; ${advice}`;
    },
  };
}

function isKey(pem: string, key: KeyObject): boolean {
  try {
    return parsePublicKey(pem).equals(key);
  } catch {
    return false;
  }
}

function describeKey(pem: string): string {
  try {
    return keyIdOf(parsePublicKey(pem));
  } catch {
    return 'no key';
  }
}

/** Reads an Ed25519 public key in PEM form. Throws KeyError. */
export function parsePublicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`a key of type ${key.asymmetricKeyType}`);
  } catch (cause) {
    const text = `expected an Ed25519 public key in PEM form, got ${messageOf(cause)}`;
    throw new KeyError('not-a-key', text, { cause });
  }
}
