import test from 'ava';
import { type BootTransfer, createTransferStory } from '../../../src/frontend/boot/story.ts';
import type { NewEvent } from '../../../src/frontend/nodes/event-log.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { machine } from './fixture.ts';

function setUp() {
  const told: NewEvent[] = [];
  const heard: string[] = [];
  const story = createTransferStory({
    events: { record: (event) => void told.push(event) },
    heard: (node, what) => void heard.push(`${node.name} ${what}`),
  });
  const tell = (node: MachineNode | undefined, changes: Partial<BootTransfer> = {}) => {
    const transfer = { event: 'tftp', text: 'sent', path: 'debian/linux', ...changes } as const;
    const rest = { elapsedMs: 1, sizeBytes: 7, reason: undefined };
    story.tell({ node, machine: node?.name, isCertain: true }, { ...rest, ...transfer });
  };
  return { told, heard, tell, story };
}

test('what a machine was sent is told, and shows that its install goes on', (t) => {
  const { told, heard, tell } = setUp();
  const node = machine({ bootState: 'booting' });
  tell(node);
  tell(node, { event: 'http', path: 'debian/initrd' });
  tell(node, { text: 'aborted' });
  tell(undefined);
  t.deepEqual(
    told.map(({ event, text, path }) => [event, text, path]),
    [
      ['tftp', 'sent', 'debian/linux'],
      ['http', 'sent', 'debian/initrd'],
      ['tftp', 'aborted', 'debian/linux'],
    ],
  );
  t.deepEqual(heard, [
    'compute-0-0 was sent debian/linux by TFTP',
    'compute-0-0 was sent debian/initrd by HTTP',
  ]);
});

test('of the names that a loader tries in vain only the last is told', (t) => {
  const { told, tell } = setUp();
  for (const name of ['01-52-54-00-ab-cd-02', '0A4D', 'default']) {
    tell(machine(), { text: 'refused', path: `pxelinux.cfg/${name}` });
  }
  t.deepEqual(
    told.map(({ path }) => path),
    ['pxelinux.cfg/default'],
  );
});

test('a loader that waits for days is told of once for each failure', (t) => {
  const { told, tell } = setUp();
  const failed = machine({ bootState: 'failed', stateAtMs: 1 });
  const path = 'pxelinux.cfg/default';
  for (let again = 0; again < 5; again += 1) tell(failed, { path });
  t.is(told.length, 1);
  tell(failed, { path: 'ldlinux.c32' });
  tell({ ...failed, name: 'other' }, { path });
  tell({ ...failed, stateAtMs: 2 }, { path });
  t.is(told.length, 4);
  const armed = machine({ bootState: 'install' });
  for (let again = 0; again < 3; again += 1) tell(armed, { path });
  t.is(told.length, 7);
});

test('what should be known of a file is told with it, once', (t) => {
  const { told, tell, story } = setUp();
  const node = machine();
  const asker = { node, machine: node.name, isCertain: true };
  story.expect(asker, 'pxelinux.cfg/default', 'its action is not defined');
  story.expect({ ...asker, node: undefined, machine: undefined }, 'pxelinux.cfg/default', 'x');
  tell(node);
  tell(node, { path: 'pxelinux.cfg/default' });
  tell(node, { path: 'pxelinux.cfg/default' });
  t.deepEqual(
    told.map(({ reason }) => reason),
    [undefined, 'its action is not defined', undefined],
  );
});
