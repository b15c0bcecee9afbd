import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export type ServerSentEvent = {
  /** `message` unless the server named it. */
  readonly type: string;
  readonly data: string;
  /** Of the stream so far. */
  readonly lastEventId: string;
};

/** Reads a stream of server-sent events as browsers do (WHATWG HTML, 9.2.6). */
export class EventStreamParser {
  #rest = '';
  #data: string[] = [];
  #type = '';
  #idBuffer = '';
  lastEventId = '';
  retryMs: number | undefined;
  commentCount = 0;

  push(chunk: string): readonly ServerSentEvent[] {
    const lines = `${this.#rest}${chunk}`.split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly ServerSentEvent[] {
    if (line === '') return this.#dispatch();
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === '') this.commentCount += 1;
    if (field === 'data') this.#data.push(value);
    if (field === 'event') this.#type = value;
    if (field === 'id' && !value.includes('\0')) this.#idBuffer = value;
    if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return [];
  }

  #dispatch(): readonly ServerSentEvent[] {
    this.lastEventId = this.#idBuffer;
    const [data, type] = [this.#data, this.#type || 'message'];
    this.#data = [];
    this.#type = '';
    if (data.length === 0) return [];
    return [{ type, data: data.join('\n'), lastEventId: this.lastEventId }];
  }
}

export type EventSourceOptions = {
  readonly port: number;
  readonly path: string;
  readonly lastEventId?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One connection of an EventSource; `next` rejects when it has ended. */
export async function openEventSource(options: EventSourceOptions) {
  const { port, path, lastEventId, headers = {} } = options;
  const resumed = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const sent = { accept: 'text/event-stream', ...headers, ...resumed };
  const request = get({ host: '127.0.0.1', port, path, agent: false, headers: sent });
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('expected a response, got none');
  request.on('error', () => {});
  response.on('error', () => {});
  const parser = new EventStreamParser();
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  const queue: ServerSentEvent[] = [];
  const more = async (): Promise<boolean> => {
    const { value = '', done } = await chunks.next();
    queue.push(...parser.push(String(value)));
    return done !== true;
  };
  return {
    response,
    parser,
    more,
    next: async (): Promise<ServerSentEvent> => {
      for (;;) {
        const event = queue.shift();
        if (event !== undefined) return event;
        if (!(await more())) throw new Error('expected an event, got the end');
      }
    },
    leave: () => request.destroy(),
  };
}
