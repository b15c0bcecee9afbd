import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import { formatEndpoint } from '../tracker/address.ts';
import { FrontendError } from './errors.ts';

/**
 * Starts what listens at a configured address. When that fails, throws FrontendError
 * `cannot-listen` that names the key and the address.
 */
export async function listening<Result>(
  key: string,
  address: ListenAddress,
  start: () => Promise<Result>,
): Promise<Result> {
  try {
    return await start();
  } catch (cause) {
    const endpoint = formatEndpoint(address.host, address.port);
    throw new FrontendError('cannot-listen', `${key}: ${explain(cause, endpoint)}`, { cause });
  }
}

function explain(thrown: unknown, endpoint: string): string {
  const error = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  if (hasErrorCode(error, 'EADDRINUSE')) {
    return `expected ${endpoint} to be free, found another program on it; stop that, or choose another address`;
  }
  if (hasErrorCode(error, 'EADDRNOTAVAIL')) {
    return `expected ${endpoint} to be an address of this machine, found it on no interface`;
  }
  if (hasErrorCode(error, 'EACCES')) {
    return `expected to be allowed to listen on ${endpoint}, was not; start as root or choose a port from 1024 on`;
  }
  if (hasErrorCode(error, 'ENOTFOUND', 'EAI_AGAIN')) {
    return `expected a host name with an address in ${endpoint}, found none; write the address itself`;
  }
  return `expected to listen on ${endpoint}, got: ${messageOf(error)}`;
}
