/** What one check has found. */
export type Finding = {
  /** What was looked at: `state`, `http.listen`, `tree base`. */
  readonly check: string;
  /** `problem`: the frontend does not start, or machines are not installed as they should be. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly text: string;
  /** What to do; only where there is something to do. */
  readonly advice?: string;
};

export function ok(check: string, text: string): Finding {
  return { check, level: 'ok', text };
}

export function warning(check: string, text: string, advice: string): Finding {
  return { check, level: 'warning', text, advice };
}

export function problem(check: string, text: string, advice: string): Finding {
  return { check, level: 'problem', text, advice };
}
