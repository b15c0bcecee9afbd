import type { Database } from '../../runtime/database.ts';
import type { MachineNode } from '../nodes/types.ts';

/** The last lines of what installers wrote before their end: of each node its latest. */
export type InstallLogs = {
  /** Throws DatabaseError. */
  readonly keep: (node: MachineNode, text: string) => void;
  /** Empty where there is none for its latest install. Throws DatabaseError. */
  readonly read: (node: MachineNode) => string;
  /** By the name of each node that has one: of which install it is. Throws DatabaseError. */
  readonly kept: () => ReadonlyMap<string, number>;
};

const mostLines = 200;
const longestText = 64 * 1024;

const upsert = `
  INSERT INTO install_logs (node, install_number, text) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET install_number = excluded.install_number, text = excluded.text`;
const select = 'SELECT text FROM install_logs WHERE node = ? AND install_number = ?';

export function createInstallLogs({ database }: { readonly database: Database }): InstallLogs {
  return {
    keep: ({ name, installNumber }, text) => {
      const lines = lastLines(text);
      if (lines !== '') database.run(upsert, name, installNumber, lines);
    },
    read: (node) => readInstallLog(database, node),
    kept: () => {
      const rows = database.all('SELECT node, install_number AS number FROM install_logs');
      return new Map(rows.map((row) => [String(row.node), Number(row.number)]));
    },
  };
}

/** See `read` of InstallLogs. */
export function readInstallLog(
  database: Pick<Database, 'all'>,
  { name, installNumber }: MachineNode,
): string {
  const [row] = database.all(select, name, installNumber);
  return typeof row?.text === 'string' ? row.text : '';
}

/** What is shown in a terminal must not move its cursor. */
function lastLines(text: string): string {
  const lines = text.toWellFormed().replaceAll('\r\n', '\n').split('\n');
  while (lines.at(-1) === '') lines.pop();
  const shown = lines.slice(-mostLines).map((line) => line.replaceAll(/[^\P{Cc}\t]/gu, '·'));
  return shown.join('\n').slice(-longestText);
}
