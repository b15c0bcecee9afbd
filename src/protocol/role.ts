/** In characters. Agents take no longer role, and the tracker keeps none. */
export const longestRole = 32;

/** A role names what a machine becomes: letters, digits, `.`, `_` and `-`. */
export function isRole(text: string): boolean {
  return /^[\w.-]+$/.test(text) && text.length <= longestRole;
}
