import type { WatchedNode } from '../../cli/watch-model.ts';

type Test = (node: WatchedNode) => boolean;

/**
 * Machines by what is written into the search field: `rack=0-3`, `role=compute`, `state=failed`,
 * `action=rescue`, or a part of a name, a reason or a phase. All words have to hold.
 */
export function filterOf(text: string): Test {
  const tests = text.toLowerCase().split(/\s+/).filter(Boolean).map(testOf);
  return (node) => tests.every((test) => test(node));
}

function testOf(word: string): Test {
  const [, key = '', value = ''] = /^(rack|rank|role|state|action)=(.*)$/.exec(word) ?? [];
  switch (key) {
    case 'rack':
      return ({ rack }) => isIn(value, rack);
    case 'rank':
      return ({ rank }) => isIn(value, rank);
    case 'role':
      return ({ role }) => role.startsWith(value);
    case 'state':
      return ({ bootState }) => bootState.startsWith(value);
    case 'action':
      return ({ bootAction }) => bootAction.startsWith(value);
    default:
      return ({ name, bootReason, progress }) =>
        name.includes(word) ||
        bootReason?.toLowerCase().includes(word) === true ||
        progress?.phases.at(-1)?.name === word;
  }
}

/** `2`, `0-3`, `0-3,7`, `none`; what is not finished yet holds for all. */
function isIn(text: string, place: number | null): boolean {
  if (text === '') return true;
  if (text === 'none') return place === null;
  return (
    place !== null &&
    text.split(',').some((part) => {
      const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      return first !== '' && place >= Number(first) && place <= Number(last);
    })
  );
}
