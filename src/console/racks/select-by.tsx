import type { WatchedNode } from '../../cli/watch-model.ts';
import { lookOf, looks, lookTexts } from '../data/how-far.ts';

type Props = {
  /** Those that the filter leaves. */
  readonly shown: readonly WatchedNode[];
  readonly all: readonly WatchedNode[];
  readonly onSelect: (names: readonly string[]) => void;
};

/** Adds to what is selected: all of a role, a rack or a state. */
export function SelectBy({ shown, all, onSelect }: Props) {
  const roles = [...new Set(all.map(({ role }) => role))].toSorted();
  const racks = [...new Set(all.flatMap(({ rack }) => rack ?? []))].toSorted((a, b) => a - b);
  const choose = (word: string): void => {
    const at = word.indexOf(':');
    const [kind, value] = [word.slice(0, at), word.slice(at + 1)];
    const from = kind === 'shown' ? shown : all;
    onSelect(from.filter((node) => isMeant(node, kind, value)).map(({ name }) => name));
  };
  return (
    <select
      aria-label="Select machines by"
      value=""
      onChange={({ currentTarget }) => {
        choose(currentTarget.value);
        currentTarget.value = '';
      }}
    >
      <option value="" disabled>
        Select by…
      </option>
      <option value="shown:">All that are shown ({shown.length})</option>
      <optgroup label="State">
        {looks.map((look) => (
          <option key={look} value={`look:${look}`}>
            {lookTexts[look].name}
          </option>
        ))}
      </optgroup>
      <optgroup label="Role">
        {roles.map((role) => (
          <option key={role} value={`role:${role}`}>
            {role}
          </option>
        ))}
      </optgroup>
      <optgroup label="Rack">
        {racks.map((rack) => (
          <option key={rack} value={`rack:${rack}`}>
            rack {rack}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

function isMeant(node: WatchedNode, kind: string, value: string): boolean {
  if (kind === 'look') return lookOf(node) === value;
  if (kind === 'role') return node.role === value;
  return kind === 'shown' || String(node.rack) === value;
}
