import { Readable } from 'node:stream';
import * as v from 'valibot';
import {
  type ProgressAnswer,
  type ProgressReport,
  progressAnswerSchema,
} from '../../protocol/install-progress.ts';
import { messageOf } from '../../runtime/errors.ts';
import { readBody } from '../documents.ts';
import type { FrontendLink } from '../frontend-link.ts';

/** What came of a call. `refused`: to say it again would change nothing. */
export type Told<Answer> =
  | { readonly kind: 'told'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'away'; readonly reason: string };

export type InstallEnd = {
  readonly outcome: 'success' | 'failure';
  readonly reason: string | undefined;
  /** The last lines of the installer's log. */
  readonly logText: string;
};

/** What an agent says to its frontend of its own install. None of it ever throws. */
export type FrontendCalls = {
  readonly progress: (report: ProgressReport) => Promise<Told<ProgressAnswer>>;
  readonly end: (end: InstallEnd) => Promise<Told<string>>;
};

export type FrontendCallsConfig = {
  readonly token: string;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
};

const longestAnswerBytes = 256 * 1024;
const longestReason = 200;

export function createFrontendCalls(
  link: FrontendLink,
  { token, silenceMs, signal }: FrontendCallsConfig,
): FrontendCalls {
  async function post(path: string, type: string, text: string): Promise<Told<string>> {
    try {
      const body = Buffer.from(text);
      const length = String(body.length);
      const answer = await link.ask({
        method: 'POST',
        path: `/installs/${token}/${path}`,
        headers: ['Host', link.url.host, 'Content-Type', type, 'Content-Length', length],
        body: Readable.from([body]),
        // Each of them says the same when it is said twice.
        isRepeatable: true,
        ...{ signal, silenceMs, reconnectMs: 0 },
      });
      const said = (await readBody(answer, longestAnswerBytes)).toString('utf8');
      return judge(answer.statusCode ?? 0, said);
    } catch (error) {
      return { kind: 'away', reason: messageOf(error) };
    }
  }
  return {
    progress: async (report) => {
      const told = await post('progress', 'application/json', JSON.stringify(report));
      return told.kind === 'told' ? { kind: 'told', answer: readAnswer(told.answer) } : told;
    },
    end: ({ outcome, reason, logText }) => {
      const query = reason === undefined ? '' : `?reason=${encodeURIComponent(reason)}`;
      return post(`${outcome}${outcome === 'failure' ? query : ''}`, 'text/plain', logText);
    },
  };
}

function judge(status: number, said: string): Told<string> {
  if (status >= 200 && status < 300) return { kind: 'told', answer: said };
  const [line = ''] = said.split('\n', 1);
  const reason = `the frontend answered ${status}: ${line.slice(0, longestReason)}`;
  // Anything else may be another answer in a moment.
  return { kind: status === 403 || status === 410 ? 'refused' : 'away', reason };
}

/** A frontend of another version is no reason to be silent. */
function readAnswer(text: string): ProgressAnswer {
  try {
    const read = v.safeParse(progressAnswerSchema, JSON.parse(text));
    return read.success ? read.output : {};
  } catch {
    return {};
  }
}
