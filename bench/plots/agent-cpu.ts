import { nodes, plain } from './axes.ts';
import type { LinesPicture } from './picture.ts';
import { selectRack } from './select-rack.ts';

export const agentCpu: LinesPicture = {
  kind: 'lines',
  name: 'agent-cpu',
  title: 'What sharing costs a node',
  subtitle: 'Processor seconds of its agent, or BitTorrent client, ÷ GiB that it receives',
  command: 'npm run bench:rack',
  select: (results) => selectRack(results, (figures) => figures.agentCpuSecondsPerGiB),
  places: nodes,
  axis: plain,
};
