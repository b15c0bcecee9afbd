import { ProfileError } from './errors.ts';
import type { DeclaredProfile, Profiles } from './types.ts';

/** Undefined for a profile that there is not, or that cannot be used. */
export function declaredOrNone(
  profiles: Pick<Profiles, 'declared'>,
  name: string,
): DeclaredProfile | undefined {
  try {
    return profiles.declared(name);
  } catch (error) {
    if (error instanceof ProfileError) return undefined;
    throw error;
  }
}

/** All that can be used. */
export function usableProfiles(profiles: Pick<Profiles, 'list'>): readonly DeclaredProfile[] {
  return profiles.list().flatMap(({ declared }) => declared ?? []);
}
