import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, messageOf } from './api.ts';
import { noteRefusal } from './session.ts';

export type Loaded<Value> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'there'; readonly value: Value };

/**
 * What the API answers to a GET, asked again when the path or `version` changes, or on demand. What
 * was there stays until the new one has come.
 */
export function useAnswer<Value>(
  path: string,
  version: unknown = '',
): readonly [Loaded<Value>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ kind: 'loading' });
  const asked = useRef(0);
  const load = useCallback(() => {
    asked.current += 1;
    const mine = asked.current;
    const take = (next: Loaded<Value>) => {
      if (asked.current === mine) setLoaded(next);
    };
    ask<Value>('GET', path).then(
      (value) => take({ kind: 'there', value }),
      (error: unknown) => {
        noteRefusal(error);
        take({ kind: 'failed', reason: messageOf(error) });
      },
    );
  }, [path]);
  useEffect(load, [load, version]);
  useEffect(
    () => () => {
      asked.current += 1;
    },
    [],
  );
  return [loaded, load];
}
