import { nodes, times } from './axes.ts';
import type { LinesPicture } from './picture.ts';
import { selectRack } from './select-rack.ts';

export const makespan: LinesPicture = {
  kind: 'lines',
  name: 'makespan',
  title: 'Filling N nodes at once',
  subtitle: 'Time until the last node has everything ÷ the least that the network allows',
  command: 'npm run bench:rack',
  select: (results) => selectRack(results, (figures) => figures.ratio),
  places: nodes,
  axis: times,
  mark: { value: 1, label: 'the network’s limit' },
};
