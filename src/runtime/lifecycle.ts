import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

/** A running part of a program. `close` resolves when it has let go of what it held. */
export type Service = { readonly name: string; readonly close: () => Promise<void> };

export type Lifetime = {
  /** Registers a part as soon as it runs. Parts are closed in the reverse order. */
  readonly add: (service: Service) => void;
  /** Ends the program as SIGTERM does, but by itself. */
  readonly stop: (reason: string) => void;
  /** Aborted when the program begins to stop, also while it still starts. */
  readonly signal: AbortSignal;
};

export type Program = {
  readonly log: Log;
  /** Starts all parts, and resolves with the rest of the program's `ready …` line. */
  readonly start: (lifetime: Lifetime) => Promise<string>;
  /** How long all parts together may take to close; 5,000 unless given. */
  readonly deadlineMs?: number;
};

/**
 * Runs a program in the foreground until SIGTERM, SIGINT or `stop`, then closes its parts and
 * ends the process with exit code 0. A second signal, or the deadline, ends it at once with 1; so
 * does an error that nobody caught, with the error as the last line on stderr. A failed `start`
 * rejects, after what had started was closed.
 */
export async function runProgram(program: Program): Promise<void> {
  const { log, start, deadlineMs = 5_000 } = program;
  const services: Service[] = [];
  const abort = new AbortController();
  const lifetime: Lifetime = {
    add: (service) => void services.push(service),
    stop: (reason) => abort.abort(reason),
    signal: abort.signal,
  };
  endOnUncaughtErrors();
  endOnSignals(abort);
  const stopped = onceAborted(abort.signal);
  void stopped.then(() => endAfter(deadlineMs));
  try {
    const readyText = await start(lifetime);
    if (!abort.signal.aborted) process.stdout.write(`ready ${readyText}\n`);
  } catch (error) {
    const interrupted = abort.signal.aborted;
    lifetime.stop('start failed');
    await closeAll(services, log);
    if (!interrupted) throw error;
  }
  await stopped;
  log.info('stopping', { reason: abort.signal.reason });
  await closeAll(services, log);
  log.info('stopped');
  process.exit(0);
}

/** Closes in the reverse order of starting; one that fails does not keep the others. */
export async function closeAll(services: Service[], log: Log): Promise<void> {
  for (let service = services.pop(); service !== undefined; service = services.pop()) {
    try {
      await service.close();
    } catch (error) {
      log.error('close failed', { service: service.name, reason: messageOf(error) });
    }
  }
}

function endOnUncaughtErrors(): void {
  // Whoever read stdout may be gone; only the ready line is written there.
  process.stdout.on('error', () => {});
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    endNow(`expected no such error, got ${messageOf(error)}; this is a defect, please report it`);
  });
}

function endOnSignals(abort: AbortController): void {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (abort.signal.aborted) endNow(`a second ${name} came before all was closed`);
      abort.abort(name);
    });
  }
}

function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function endAfter(deadlineMs: number): void {
  const text = `expected to stop within ${deadlineMs} ms; ended without waiting any longer`;
  setTimeout(() => endNow(text), deadlineMs).unref();
}

function endNow(message: string): never {
  process.stderr.write(`scree: ${message}\n`);
  process.exit(1);
}
