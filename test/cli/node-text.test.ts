import test from 'ava';
import { renderNode, renderNodes } from '../../src/cli/node-text.ts';
import { formatAge } from '../../src/runtime/units.ts';
import { machine } from '../frontend/boot/fixture.ts';

test('why a machine has failed, and since when, is told', (t) => {
  const stateAtMs = Date.now() - 200_000;
  const failed = machine({ bootState: 'failed', bootReason: 'no disk found', stateAtMs });
  t.regex(renderNodes([failed], []), / failed: no disk found, 3 min ago\n$/);
  t.regex(renderNode(failed), /\n {2}state {4}failed: no disk found, 3 min ago\n/);
  const wordy = machine({ bootState: 'failed', bootReason: 'x'.repeat(300), stateAtMs });
  t.regex(renderNodes([wordy], []), / failed: x{59}…, 3 min ago\n$/);
  t.regex(renderNode(wordy), / failed: x{300}, 3 min ago\n/);
  const booting = machine({ bootState: 'booting', stateAtMs });
  t.regex(renderNodes([booting], []), / booting, 3 min ago\n$/);
  const installed = machine({ stateAtMs });
  t.regex(renderNodes([installed], []), / os\n$/);
  t.regex(renderNode(installed), /\n {2}state {4}os, 3 min ago\n/);
  t.regex(renderNode(machine()), /\n {2}state {4}os\n/, 'of one from before it was known');
});

test('an age is told in its largest usual unit', (t) => {
  const ages = [-5, 4.9, 5, 119, 120, 7199, 7200, 172_799, 172_800].map((seconds) =>
    formatAge(seconds * 1000),
  );
  t.deepEqual(ages, [
    ...['just now', 'just now', '5 s ago', '119 s ago', '2 min ago', '119 min ago'],
    ...['2 h ago', '47 h ago', '2 days ago'],
  ]);
});
