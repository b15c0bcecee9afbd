import * as v from 'valibot';
import { auditDocumentOf } from '../../audit/documents.ts';
import { tokenDocumentOf } from '../../operators/documents.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { auditEntrySchema, newTokenSchema, tokenSchema } from './schemas.ts';

/** Operators' tokens, and what operators have changed. */
export function operatorOperations({ nodes }: ApiDeps): readonly Operation[] {
  const { tokens, audit } = nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/tokens', id: 'listTokens', tag: 'tokens', scope: 'read' },
      summary: 'All tokens, without what they are',
      answer: v.object({ tokens: v.array(tokenSchema) }),
      run: () => ({ tokens: tokens.list().map(tokenDocumentOf) }),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/tokens', id: 'createToken', tag: 'tokens', scope: 'admin' },
      summary: 'Makes a token; the answer is the only one that holds it',
      body: newTokenSchema,
      status: 201,
      refusals: [409],
      answer: v.object({
        token: tokenSchema,
        secret: v.pipe(v.string(), v.description("For 'Authorization: Bearer …'.")),
      }),
      run: ({ body: { name, scope, expiresInSeconds: seconds }, operator }) => {
        const expiresInMs = seconds === undefined ? undefined : seconds * 1000;
        const { secret, ...token } = tokens.create({ name, scope, expiresInMs }, operator);
        return { token: tokenDocumentOf(token), secret };
      },
    }),
    defineOperation({
      ...{ method: 'DELETE', path: '/tokens/{name}', id: 'revokeToken', tag: 'tokens' },
      scope: 'admin',
      summary: 'Makes a token good for nothing, from now on',
      refusals: [404],
      answer: v.object({ tokens: v.array(tokenSchema) }),
      run: ({ name, operator }) => {
        const tokensGone = tokens.revokeAll([name], operator);
        return { tokens: tokensGone.map(tokenDocumentOf) };
      },
    }),
    defineOperation({
      ...{ method: 'GET', path: '/audit', id: 'listAudit', tag: 'audit', scope: 'read' },
      summary: 'Who changed what, the newest first',
      query: {
        limit: { kind: 'number', description: '50 unless given.', minimum: 1, maximum: 1000 },
        target: { kind: 'text', description: 'Only what concerns this, such as a node.' },
        before: { kind: 'number', description: 'The id of an entry: only what was done before.' },
      },
      answer: v.object({ entries: v.array(auditEntrySchema) }),
      run: ({ query: { limit = 50, target, before } }) => ({
        entries: audit.read({ limit, target, beforeId: before }).map(auditDocumentOf),
      }),
    }),
  ];
}
