import type { AuditRecord } from './types.ts';

/** The JSON form of an entry: of the API, and of `--json`. */
export type AuditDocument = Omit<AuditRecord, 'address'> & { readonly address: string | null };

export function auditDocumentOf(entry: AuditRecord): AuditDocument {
  return { ...entry, address: entry.address ?? null };
}
