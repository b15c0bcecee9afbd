import { randomBytes } from 'node:crypto';
import type { InstallPhase } from '../../protocol/install-progress.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { StoreChoice, StorePlace } from '../../swarm/types.ts';
import type { Counters } from '../counters.ts';
import type { Exchange } from '../exchange.ts';
import type { FrontendLink } from '../frontend-link.ts';
import type { TreeReport } from '../status.ts';
import { createByteMeter } from './byte-meter.ts';
import { createEnding, defaultEndingLimits, type EndingLimits } from './ending.ts';
import { createFrontendCalls, type FrontendCalls } from './frontend-calls.ts';
import { lastLineOf, readBodyTail, readFileTail } from './log-tail.ts';
import { sendWhenDone } from './patient-answer.ts';
import { createReporter, defaultReporterLimits, type ReporterLimits } from './reporter.ts';
import { type ControlRequest, type EndRequest, readControlRequest } from './request.ts';
import { createStory } from './story.ts';

/** In characters, as of one that is given. */
const longestReason = 300;

/** The installer's side of the agent: what it tells of its install, and what becomes of that. */
export type Control = {
  /** Answers a request for a URL below `/agent/` that is no page. */
  readonly handle: (exchange: Exchange, target: string) => Promise<void>;
  readonly fileServed: (tree: string, path: string) => void;
  readonly phase: (name: InstallPhase, detail?: string, atMs?: number) => void;
  /** Tells the frontend that it is over, without serving the rack any longer. */
  readonly fail: (reason: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type ControlDeps = {
  readonly link: FrontendLink;
  readonly counters: Counters;
  readonly trees: () => readonly TreeReport[];
  /** `name@generation` of those that the installer reads. */
  readonly treesInUse: () => readonly string[];
  readonly moveStore: (to: StoreChoice) => Promise<StorePlace>;
  /** Lets go of the disk. */
  readonly leaveStore: () => Promise<void>;
  /** What nobody asks for is not fetched any more. */
  readonly stopReadingAhead: () => void;
  readonly log: Log;
  /** Milliseconds since 1970, or since something else; it never goes back. */
  readonly nowMs?: () => number;
};

export type ControlConfig = {
  /** Of this install; without it the frontend is told nothing. */
  readonly token: string | undefined;
  readonly lingerSeconds: number;
  readonly version: string;
  readonly silenceMs: number;
  /** So long an answer to the installer may be silent. */
  readonly stallMs: number;
  readonly reporter?: Partial<ReporterLimits>;
  readonly ending?: Partial<Omit<EndingLimits, 'lingerMs'>>;
};

/** The clock may be set while a machine installs; this one is not. */
const steadyNowMs = () => Math.round(performance.timeOrigin + performance.now());

export function createControl(deps: ControlDeps, config: ControlConfig): Control {
  const { link, log, nowMs = steadyNowMs } = deps;
  const { token, silenceMs } = config;
  const stop = new AbortController();
  const { signal } = stop;
  const calls =
    token === undefined ? undefined : createFrontendCalls(link, { token, silenceMs, signal });
  const story = createStory({ nowMs, onPhase: () => reporter?.wake() });
  const reporter = calls && startReporter({ deps, config, calls, story, nowMs });
  const ending = createEnding(
    {
      ...{ calls, log, signal },
      need: () => reporter?.need(),
      onStayed: deps.leaveStore,
      onBegin: (outcome) => {
        // After a failure somebody may help the installer, which then goes on.
        if (outcome === 'success') {
          story.phase('done');
          deps.stopReadingAhead();
        }
        reporter?.ask();
      },
    },
    { ...defaultEndingLimits, ...config.ending, lingerMs: config.lingerSeconds * 1000 },
  );

  async function endInstall(exchange: Exchange, { outcome, reason, logPath }: EndRequest) {
    const sent = await readBodyTail(exchange.request);
    const logText = sent === '' && logPath !== undefined ? await readFileTail(logPath) : sent;
    const why = reason ?? lastLineOf(logText)?.slice(0, longestReason).toWellFormed();
    await sendWhenDone(exchange, ending.end({ outcome, reason: why, logText }));
  }

  async function moveStore(exchange: Exchange, store: Extract<ControlRequest, { kind: 'store' }>) {
    const { folder, sizeBytes } = store;
    const moved = deps.moveStore({ folder, sizeBytes });
    moved.catch((error: unknown) => {
      log.warn('store not moved', { path: folder, reason: messageOf(error) });
    });
    try {
      await sendWhenDone(exchange, moved, { quietMs: config.stallMs / 3 });
    } catch (error) {
      exchange.signal.throwIfAborted();
      exchange.fail(409, messageOf(error));
    }
  }

  async function obey(exchange: Exchange, asked: ControlRequest): Promise<void> {
    switch (asked.kind) {
      case 'phase':
        story.phase(asked.name, asked.detail);
        return sendNothing(exchange);
      case 'packages':
        story.packages(asked.done, asked.total);
        return sendNothing(exchange);
      case 'store':
        return moveStore(exchange, asked);
      case 'end':
        return endInstall(exchange, asked);
      case 'bad':
        return exchange.fail(400, asked.reason);
      case 'unknown':
        return exchange.fail(404, 'expected /agent/status, healthz, phase, packages, store or end');
    }
  }

  return {
    handle: async (exchange, target) => {
      const { method = 'GET' } = exchange.request;
      if (method === 'GET' || method === 'POST') return obey(exchange, readControlRequest(target));
      exchange.response.setHeader('allow', 'GET, POST');
      exchange.fail(405, `expected GET or POST, got ${method}`);
    },
    fileServed: story.fileServed,
    phase: story.phase,
    fail: async (reason) => {
      await calls?.end({ outcome: 'failure', reason, logText: reason });
    },
    close: async () => {
      stop.abort(new Error('the agent stops'));
      await reporter?.close();
    },
  };
}

function startReporter(parts: {
  readonly deps: ControlDeps;
  readonly config: ControlConfig;
  readonly calls: FrontendCalls;
  readonly story: ReturnType<typeof createStory>;
  readonly nowMs: () => number;
}) {
  const { deps, config, calls, story, nowMs } = parts;
  const meter = createByteMeter(deps);
  const run = randomBytes(6).toString('hex');
  let rackVersion: string | undefined;
  return createReporter(
    {
      ...{ calls, log: deps.log },
      compose: () => {
        const { phases, packages } = story.read();
        return {
          ...{ run, atMs: nowMs(), phases, bytes: meter.read(), agentVersion: config.version },
          ...(packages === undefined ? {} : { packages }),
          trees: [...deps.treesInUse()].slice(0, 16),
          ...(rackVersion === undefined ? {} : { rackVersion }),
        };
      },
      onAnswer: ({ rack }) => {
        if (rack === undefined) return;
        rackVersion = rack.version;
        meter.setRack(rack.addresses);
      },
    },
    { ...defaultReporterLimits, ...config.reporter },
  );
}

function sendNothing({ request, response }: Exchange): void {
  // It may have come with a body that nobody needs.
  request.resume();
  response.writeHead(204);
  response.end();
}
