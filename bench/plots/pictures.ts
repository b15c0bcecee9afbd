import { agentCpu } from './agent-cpu.ts';
import { copies } from './copies.ts';
import { dhcp } from './dhcp.ts';
import { makespan } from './makespan.ts';
import type { Picture } from './picture.ts';

/** All that `npm run bench:plots` draws. */
export const pictures: readonly Picture[] = [makespan, copies, agentCpu, dhcp];
