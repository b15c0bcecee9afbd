import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { contentTypeOf, type FileFacts, planFileResponse } from '../../protocol/http-file.ts';
import type { ByteRange } from '../../protocol/http-range.ts';
import { messageOf } from '../../runtime/errors.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import type { BootRoots } from '../boot/roots.ts';
import type {
  BootAccess,
  BootAnswer,
  BootFile,
  BootRefusal,
  GeneratedBootFile,
  OpenBootFile,
} from '../boot/types.ts';
import type { Asker, Who } from '../boot/who.ts';
import type { Exchange } from './install-handler.ts';
import { requestFacts, sendPlan, sendText } from './replies.ts';
import { serverOf } from './server-of.ts';

export type BootHandlerDeps = {
  readonly boot: Pick<BootRoots, 'resolve'>;
  readonly who: Who;
  /** Hears of each answer but those without a body, for the machine's story. */
  readonly onSent: (asker: Asker, sent: BootSent) => void;
  /** Hears of each part of a body that was handed to the system. */
  readonly onBytes: (sizeBytes: number) => void;
};

export type BootSent = {
  readonly outcome: 'sent' | 'aborted' | 'refused';
  readonly path: string;
  readonly elapsedMs: number;
  /** Of the body; less than the file's with a range. */
  readonly sizeBytes?: number;
  readonly reason?: string;
};

const statuses = { absent: 404, forbidden: 403, broken: 500 } as const;
const chunkBytes = 256 * 1024;

/**
 * Answers GET and HEAD of everything below `/boot/` as TFTP would, and of `/grub/` as if it stood
 * there: GRUB that came by HTTP looks for its files in a folder of the server's root. Who asks is
 * known by the connection alone: what a header says could be anybody's.
 */
export function createBootHandler(deps: BootHandlerDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { request, response } = exchange;
    const path = pathOf(request.url ?? '');
    if (path === undefined) return sendText(response, 400, 'expected an encoded path, got bad %');
    if (path === '') return sendText(response, 404, 'expected /boot/<path>, found none');
    const address = normalizeAddress(request.socket.remoteAddress);
    const asker = deps.who(address ?? '');
    const startedAtMs = performance.now();
    const note: Note = (sent) => {
      const elapsedMs = Math.round(performance.now() - startedAtMs);
      deps.onSent(asker, { ...sent, path, elapsedMs });
    };
    // The same path is another file for another machine, and another text after a change.
    response.setHeader('cache-control', 'private, no-cache');
    const answer = await deps.boot.resolve(asker.node, path, accessOf(request));
    await send(exchange, answer, { path, note, onBytes: deps.onBytes });
  };
}

type Note = (sent: Pick<BootSent, 'outcome' | 'sizeBytes' | 'reason'>) => void;
type Story = {
  readonly path: string;
  readonly note: Note;
  readonly onBytes: BootHandlerDeps['onBytes'];
};

/** Undefined for what is not percent-encoded as it should be. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.replace(/\?.*$/s, '').replace(/^\/(?:boot\/*)?/, ''));
  } catch {
    return undefined;
  }
}

function accessOf(request: IncomingMessage): BootAccess {
  return { protocol: 'http', server: serverOf(request).server };
}

async function send(exchange: Exchange, answer: BootAnswer, story: Story): Promise<void> {
  switch (answer.kind) {
    case 'refuse':
      return refuse(exchange, answer, story);
    case 'generated':
      return sendGenerated(exchange, answer, story);
    case 'file':
      return sendFile(exchange, answer, story);
  }
}

function refuse({ response }: Exchange, { code, reason }: BootRefusal, { note }: Story): void {
  note({ outcome: 'refused', reason });
  sendText(response, statuses[code], reason);
}

async function sendGenerated(
  exchange: Exchange,
  { text, warning }: GeneratedBootFile,
  story: Story,
): Promise<void> {
  const bytes = Buffer.from(text);
  const facts: FileFacts = {
    sizeBytes: bytes.length,
    etag: etagOf(text),
    lastModified: new Date(),
    contentType: 'text/plain; charset=utf-8',
  };
  // Made for this very request, it has no date that a later one could refer to.
  const plan = planFileResponse({ ...requestFacts(exchange.request), headers: {} }, facts);
  await sendNoted(exchange, { plan, warning, story }, async function* ({ startByte, endByte }) {
    yield bytes.subarray(startByte, endByte);
  });
}

async function sendFile(exchange: Exchange, file: BootFile, story: Story): Promise<void> {
  const opened = await openOrRefusal(file);
  if ('code' in opened) return refuse(exchange, opened, story);
  try {
    const { sizeBytes, mtimeMs } = opened;
    const plan = planFileResponse(requestFacts(exchange.request), {
      sizeBytes,
      etag: etagOf(`${file.path} ${sizeBytes} ${mtimeMs}`),
      lastModified: new Date(mtimeMs),
      contentType: contentTypeOf(story.path),
    });
    await sendNoted(exchange, { plan, story }, (range) => readInParts(opened, range));
  } finally {
    await opened.close();
  }
}

async function openOrRefusal(file: BootFile): Promise<OpenBootFile | BootRefusal> {
  try {
    return await file.open();
  } catch (error) {
    const reason = `expected to open '${file.path}', got ${messageOf(error)}`;
    return { kind: 'refuse', code: 'broken', reason };
  }
}

type Sending = {
  readonly plan: ReturnType<typeof planFileResponse>;
  readonly warning?: string | undefined;
  readonly story: Story;
};

async function sendNoted(
  { response }: Exchange,
  { plan, warning, story: { note, onBytes } }: Sending,
  read: (range: ByteRange) => AsyncIterable<Buffer>,
): Promise<void> {
  const sizeBytes = plan.parts.reduce((sum, part) => sum + part.endByte - part.startByte, 0);
  try {
    await sendPlan(response, plan, (range) => counted(read(range), onBytes));
  } catch (error) {
    note({ outcome: 'aborted', sizeBytes, reason: messageOf(error) });
    throw error;
  }
  if (plan.parts.length === 0) return;
  note({ outcome: 'sent', sizeBytes, ...(warning === undefined ? {} : { reason: warning }) });
}

async function* counted(
  parts: AsyncIterable<Buffer>,
  onBytes: (sizeBytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const part of parts) {
    yield part;
    onBytes(part.length);
  }
}

/** Rejects when the file has become shorter: the client then sees a short body. */
async function* readInParts(file: OpenBootFile, range: ByteRange): AsyncGenerator<Buffer> {
  for (let at = range.startByte; at < range.endByte; ) {
    const bytes = await file.read(at, Math.min(chunkBytes, range.endByte - at));
    if (bytes.length === 0) throw new Error(`expected ${file.sizeBytes} bytes, found ${at}`);
    yield bytes;
    at += bytes.length;
  }
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
}
