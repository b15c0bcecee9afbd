import { normalizeAddress } from '../../tracker/address.ts';
import type { OpenThreadedFile, ThreadedFile } from '../tftp/thread/types.ts';
import type { TftpRefusal } from '../tftp/types.ts';
import type { BootRoots } from './roots.ts';
import type { BootAnswer } from './types.ts';
import type { Asker, Who } from './who.ts';

const codes = { absent: 1, forbidden: 2, broken: 0 } as const;

/** What TFTP clients are sent: each from its own root, known by its address. */
export function createTftpDoor(deps: {
  readonly roots: BootRoots;
  readonly who: Who;
  /** The frontend's HTTP server, as the client at this address reaches it. */
  readonly serverFor: (address: string) => string;
  /** Hears what should be known of a file that is sent. */
  readonly onWarning?: (asker: Asker, path: string, warning: string) => void;
}): OpenThreadedFile {
  return async (client, path) => {
    const address = normalizeAddress(client.address) ?? client.address;
    const access = { protocol: 'tftp', server: deps.serverFor(address) } as const;
    const asker = deps.who(address);
    const answer = await deps.roots.resolve(asker.node, path, access);
    const warning = answer.kind === 'generated' ? answer.warning : undefined;
    if (warning !== undefined) deps.onWarning?.(asker, path, warning);
    return openAnswer(answer);
  };
}

async function openAnswer(answer: BootAnswer): Promise<ThreadedFile | TftpRefusal> {
  switch (answer.kind) {
    case 'refuse':
      return { kind: 'refuse', code: codes[answer.code], reason: answer.reason };
    case 'generated':
      return textFile(Buffer.from(answer.text));
    case 'file': {
      const { sizeBytes, mtimeMs, parts, close } = await answer.open();
      return { sizeBytes, identity: `${answer.path} ${sizeBytes} ${mtimeMs}`, parts, close };
    }
  }
}

function textFile(bytes: Buffer): ThreadedFile {
  return {
    sizeBytes: bytes.length,
    parts: [{ bytes }],
    close: async () => {},
  };
}
