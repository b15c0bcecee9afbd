import type * as v from 'valibot';
import type { Operator, OperatorScope } from '../../operators/types.ts';
import type { Exchange } from '../install-handler.ts';
import type { QueryParameters, QueryValues } from './query.ts';

/** One request to the API, checked. */
export type ApiCall<Query, Body> = {
  readonly operator: Operator;
  /** What stands in the place of `{name}` in the path; else empty. */
  readonly name: string;
  readonly query: Query;
  readonly body: Body;
  readonly exchange: Exchange;
};

type Facts = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; it may hold `{name}`. */
  readonly path: `/${string}`;
  /** Unlike all others: clients name their functions so. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  /** What an operator needs at least. */
  readonly scope: OperatorScope;
  readonly status?: 200 | 201;
  /** Beside those that any request may be answered with. */
  readonly refusals?: readonly (404 | 409)[];
  /**
   * It answers with server-sent events, each of the form of `answer`: always, or only with the
   * query's `follow`, and then each is of the form of `event`.
   */
  readonly streams?: 'always' | 'with follow';
  readonly event?: v.GenericSchema;
};

/** One thing that the API can do: what it is served, checked and described by. */
export type Operation = Facts & {
  readonly query: QueryParameters;
  /** JSON; undefined: it takes none. */
  readonly body: v.GenericSchema | undefined;
  readonly answer: v.GenericSchema;
  /** Resolves with the answer, or with `streamed` when it has been sent. */
  readonly run: (call: ApiCall<unknown, unknown>) => Promise<unknown>;
};

/** The answer was sent by the operation itself. */
export const streamed = { wasSent: true } as const;

/** The same with lists and fields that nobody is to write to. */
type Read<Value> = Value extends readonly (infer Item)[]
  ? readonly Read<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Read<Value[Key]> }
    : Value;

type Definition<
  Query extends QueryParameters,
  Body extends v.GenericSchema,
  Answer extends v.GenericSchema,
> = Facts & {
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly run: (
    call: ApiCall<QueryValues<Query>, v.InferOutput<Body>>,
  ) => Given<Answer> | Promise<Given<Answer>>;
};

type Given<Answer extends v.GenericSchema> = Read<v.InferOutput<Answer>> | typeof streamed;

/** Checks by its types that an operation does what it says. */
export function defineOperation<
  const Query extends QueryParameters,
  Body extends v.GenericSchema,
  Answer extends v.GenericSchema,
>(definition: Definition<Query, Body, Answer>): Operation {
  const { query, body, run, ...others } = definition;
  return {
    ...others,
    query: query ?? {},
    body,
    // What it is called with was read by its own `query` and `body`.
    run: async (call) => run(call as ApiCall<QueryValues<Query>, v.InferOutput<Body>>),
  };
}
