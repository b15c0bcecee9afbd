import { NodesError } from '../../nodes/errors.ts';

/** What may stand behind the `?` of a URL. All of it may be left out. */
export type QueryParameter = {
  readonly kind: 'text' | 'texts' | 'number' | 'flag';
  readonly description: string;
  /** Of a text. */
  readonly oneOf?: readonly string[];
  /** Of a number: a whole one. */
  readonly minimum?: number;
  readonly maximum?: number;
};

export type QueryParameters = Readonly<Record<string, QueryParameter>>;

type ValueOf<Kind extends QueryParameter['kind']> = {
  readonly text: string;
  readonly texts: readonly string[];
  readonly number: number;
  readonly flag: boolean;
}[Kind];

export type QueryValues<Query extends QueryParameters> = {
  readonly [Name in keyof Query]: ValueOf<Query[Name]['kind']> | undefined;
};

/** By name. Throws NodesError `bad-request`. */
export function readQuery(
  parameters: QueryParameters,
  given: URLSearchParams,
): Readonly<Record<string, unknown>> {
  const unknown = [...given.keys()].find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) {
    const known = Object.keys(parameters).join(', ') || 'none';
    // What stands there may be a secret in the wrong place.
    throw badRequest(`expected no other parameters in the URL than ${known}, got another`);
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      given.has(name) ? readValue(name, parameter, given.getAll(name)) : undefined,
    ]),
  );
}

function readValue(name: string, parameter: QueryParameter, values: readonly string[]): unknown {
  const { kind, oneOf, minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = parameter;
  const [text = '', ...more] = values;
  if (kind === 'texts') return values;
  if (more.length > 0) throw badRequest(`expected '${name}' once in the URL, got it more often`);
  if (kind === 'flag') {
    if (text === '' || text === 'true' || text === 'false') return text !== 'false';
    throw badRequest(`expected '${name}' to be true, false or without a value in the URL`);
  }
  if (kind === 'number') {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw badRequest(`expected '${name}' to be a whole number from ${minimum} to ${maximum}`);
  }
  if (oneOf === undefined || oneOf.includes(text)) return text;
  throw badRequest(`expected '${name}' to be one of ${oneOf.join(', ')}`);
}

function badRequest(message: string): NodesError {
  return new NodesError('bad-request', message);
}
