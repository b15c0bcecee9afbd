import { nodes, times } from './axes.ts';
import type { LinesPicture } from './picture.ts';
import { selectRack } from './select-rack.ts';

export const copies: LinesPicture = {
  kind: 'lines',
  name: 'copies',
  title: 'Copies that leave the frontend',
  subtitle: 'Frames out of the frontend’s port ÷ frames of one tree, while N nodes fetch it',
  command: 'npm run bench:rack',
  select: (results) => selectRack(results, (figures) => figures.copies),
  places: nodes,
  axis: times,
  mark: { value: 1, label: 'one copy' },
};
