import pino from 'pino';

export type LogFields = Readonly<Record<string, unknown>>;

/** One line per event. `event` is a short name in words; what varies goes into the fields. */
export type Log = {
  readonly debug: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
  /** The same log with fields that every line carries. */
  readonly with: (fields: LogFields) => Log;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A log on stderr: JSON lines, or readable lines when stderr is a terminal. */
export async function createLog(options: {
  readonly area: string;
  readonly level: LogLevel;
}): Promise<Log> {
  const base = { level: options.level, base: { area: options.area }, messageKey: 'event' };
  if (!process.stderr.isTTY) return wrap(pino(base, pino.destination({ dest: 2, sync: true })));
  const { default: pretty } = await import('pino-pretty');
  return wrap(pino(base, pretty({ destination: 2, sync: true, messageKey: 'event' })));
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLog,
};

function wrap(logger: pino.Logger): Log {
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    with: (fields) => wrap(logger.child(fields)),
  };
}
