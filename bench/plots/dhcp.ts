import { plain } from './axes.ts';
import type { BarsPicture } from './picture.ts';
import { selectBoot } from './select-boot.ts';

export const dhcp: BarsPicture = {
  kind: 'bars',
  name: 'dhcp',
  title: 'Machines a second that get an address',
  subtitle:
    'DHCP from DISCOVER to ACK, at most one in a hundred lost; addresses reserved, or of a range',
  command: 'npm run bench:boot',
  select: (results) => selectBoot(results, 'dhcp', (figures) => figures.exchangesPerSecond),
  axis: plain,
};
