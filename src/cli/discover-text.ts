import type { discover } from '../frontend/discover/main.ts';

type DiscoverEvent =
  ReturnType<typeof discover> extends AsyncGenerator<infer Told, void> ? Told : never;

/** What a discovery shows: a line for each thing that happens, and one at its end. */
export function createDiscoverText() {
  const counts = { discovered: 0, cards: 0, kickstarts: 0, leftAlone: 0 };
  return {
    line: (event: DiscoverEvent): string => {
      if (event.event === 'discovered') counts.discovered += 1;
      if (event.event === 'card') counts.cards += 1;
      if (event.event === 'kickstart') counts.kickstarts += 1;
      if (event.event === 'left-alone') counts.leftAlone += 1;
      const line = lineOf(event);
      return line === '' ? '' : `${line}\n`;
    },
    end: (): string => {
      const parts = [
        `${machines(counts.discovered)} discovered`,
        ...(counts.kickstarts > 0 ? [`${counts.kickstarts} fetched their kickstarts`] : []),
        ...(counts.cards > 0 ? [`${counts.cards} more cards`] : []),
        ...(counts.leftAlone > 0 ? [`${machines(counts.leftAlone)} left alone`] : []),
      ];
      return `${parts.join(', ')}\n`;
    },
  };
}

function lineOf(event: DiscoverEvent): string {
  switch (event.event) {
    case 'started':
      return renderStart(event);
    case 'discovered': {
      const address = event.address ?? 'without an address of its own';
      const what = event.isReplacement ? ', in the place of the old machine' : '';
      return `( ) ${event.name.padEnd(16)} ${event.mac}  ${address}${what}`;
    }
    case 'card':
      return `    ${event.name.padEnd(16)} ${event.mac}  another card of it`;
    case 'kickstart':
      return `(*) ${event.name.padEnd(16)} has fetched its kickstart`;
    case 'left-alone':
      return ` –  ${event.mac} left alone, ${event.reason}: ${event.text}`;
    case 'failed':
      return ` !  ${event.mac} not made a node: ${event.text}`;
    case 'ended':
      return event.reason === 'stopping' ? 'the frontend stops' : '';
  }
}

function renderStart({
  role,
  rack,
  replaces,
  action,
}: Extract<DiscoverEvent, { event: 'started' }>): string {
  const rest = `boots ${action} next; Ctrl-C ends this`;
  if (replaces !== null)
    return `the next unknown machine takes the place of ${replaces}, and ${rest}`;
  const order = `switch the machines of rack ${rack} on one after the other`;
  return `${order}: each that is unknown becomes a ${role} node, and ${rest}`;
}

function machines(count: number): string {
  return count === 1 ? '1 machine' : `${count} machines`;
}
