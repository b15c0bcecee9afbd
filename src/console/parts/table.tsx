import type { ComponentChildren } from 'preact';
import { Scroll } from './scroll.tsx';

type Props = {
  readonly label: string;
  readonly columns: readonly string[];
  /** The rows. */
  readonly children: ComponentChildren;
};

/** A table that scrolls in its place, its head staying. */
export function Table({ label, columns, children }: Props) {
  return (
    <Scroll label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}
