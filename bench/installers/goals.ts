import { judgeAtMost, type Verdict } from '../support/verdicts.ts';
import { type Case, summarize } from './figures.ts';
import type { SystemName } from './system.ts';

const mostOfOneNode = 1.1;
const mostOfNginx = 1.03;
// Below this share of one node's time, what the installers take of the processors is not looked at.
const smallShare = 0.05;

/** Holds the medians against the goals; leaves out those for which nothing was measured. */
export function judgeGoals(cases: readonly Case[]): Verdict[] {
  const summary = summarize(cases);
  const totalSeconds = (client: string, system: SystemName, nodes: number) =>
    summary.find(({ of }) => of.client === client && of.system === system && of.nodes === nodes)
      ?.figures.totalSeconds;
  const judgeClient = (client: string, nodes: number): Verdict[] => {
    const one = totalSeconds(client, 'scree', 1);
    const all = totalSeconds(client, 'scree', nodes);
    if (one === undefined || all === undefined) return [];
    if (nodes === 1) {
      const plain = totalSeconds(client, 'nginx', 1);
      const value = plain === undefined ? undefined : one / plain;
      return judgeAtMost(`${client}: one node ÷ one node with nginx`, value, mostOfNginx);
    }
    const localOne = totalSeconds(client, 'local', 1);
    const crowdSeconds =
      localOne === undefined ? 0 : (totalSeconds(client, 'local', nodes) ?? localOne) - localOne;
    const isCrowded = crowdSeconds > smallShare * one;
    const goal = `${client}: ${nodes} nodes ÷ one${isCrowded ? ', without what more of them take here with no network' : ''}`;
    return judgeAtMost(goal, (all - (isCrowded ? crowdSeconds : 0)) / one, mostOfOneNode);
  };
  const measured = cases.filter(({ system }) => system === 'scree');
  return measured.flatMap(({ client, nodes }) => judgeClient(client, nodes));
}
