import type { InferOutput } from 'valibot';
import type { operatorSchema } from '../../frontend/http/api/schemas.ts';
import { ApiError, apiPath, ask } from './api.ts';
import { createStore } from './store.ts';

export type Operator = InferOutput<typeof operatorSchema>;

export type Session =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in'; readonly operator: Operator }
  /** `reason` says why, where somebody was signed in. */
  | { readonly kind: 'out'; readonly reason?: string }
  | { readonly kind: 'away'; readonly reason: string };

export const session = createStore<Session>({ kind: 'asking' });

/** Who is asking: on the frontend's own machine nobody needs to sign in. */
export async function lookWhoIsAsking(): Promise<void> {
  try {
    const operator = await ask<Operator>('GET', apiPath('/operator'));
    session.set({ kind: 'in', operator });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.set({ kind: 'out' });
    else
      session.set({ kind: 'away', reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Rejects with ApiError. */
export async function signIn(token: string): Promise<void> {
  const operator = await ask<Operator>('POST', '/console/sign-in', {
    headers: { authorization: `Bearer ${token}` },
  });
  session.set({ kind: 'in', operator });
}

export async function signOut(): Promise<void> {
  await ask('POST', '/console/sign-out');
  await lookWhoIsAsking();
}

/** A session that is over, or whose token is not good any more, is over here, too. */
export function noteRefusal(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const isNews = session.get().kind === 'in';
  session.set(
    isNews
      ? {
          kind: 'out',
          reason: 'You were signed out: twelve hours are over, or the token is not good any more.',
        }
      : { kind: 'out' },
  );
}

const scopes = ['read', 'boot', 'admin'];

export function may({ scope }: Operator, needed: 'read' | 'boot' | 'admin'): boolean {
  return scopes.indexOf(scope) >= scopes.indexOf(needed);
}
