import type { Log, LogFields } from '../../src/runtime/log.ts';

export type LogLine = {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
};

/** A log that keeps its lines for the test. */
export function createCollectingLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  return { log: collectInto(lines, {}), lines };
}

function collectInto(lines: LogLine[], common: LogFields): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields: { ...common, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => collectInto(lines, { ...common, ...fields }),
  };
}
