import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { plainText } from '../../src/protocol/boot-text.ts';
import { renderGrub } from '../../src/protocol/grub.ts';
import { renderIpxe } from '../../src/protocol/ipxe.ts';
import { renderPxelinux } from '../../src/protocol/pxelinux.ts';
import { renderYaboot } from '../../src/protocol/yaboot.ts';

const text = 'compute-0-1: the install failed: no disk; waiting for the operator';

function waiting(path: string) {
  return { kind: 'wait', text, path } as const;
}

test('PXELINUX shows the text, and reads its own configuration again', (t) => {
  const plan = waiting('pxelinux.cfg/01-52-54-00-00-00-01');
  const lines = renderPxelinux(plan).split('\n');
  t.true(lines.includes(`SAY ${text}`));
  t.true(lines.includes('TIMEOUT 300'));
  t.true(lines.includes('DEFAULT wait') && lines.includes('LABEL wait'));
  t.true(lines.includes('  CONFIG pxelinux.cfg/01-52-54-00-00-00-01'));
  const elsewhere = renderPxelinux(plan, { base: '::' });
  t.regex(elsewhere, /^ {2}CONFIG ::pxelinux\.cfg\/01-52-54-00-00-00-01$/m);
});

test('iPXE goes on asking, whether it is answered or not', (t) => {
  const script = renderIpxe(waiting('boot.ipxe'), { base: 'http://10.1.1.1/boot/' });
  t.is(
    script,
    [
      '#!ipxe',
      ':again',
      `echo ${text}`,
      'sleep 30 ||',
      'chain --replace --autofree http://10.1.1.1/boot/boot.ipxe || goto again',
      '',
    ].join('\n'),
  );
});

test('GRUB asks again and again in one loop, whatever it is answered', (t) => {
  const script = renderGrub(waiting('grub/grub.cfg'), { base: '/boot/' });
  t.regex(script, /^ {4}source \/boot\/grub\/grub\.cfg$/m);
  t.regex(script, /^set scree_text='compute-0-1: the install failed: /m);
  // The same script, read in the loop, begins none.
  t.regex(script, /^if \[ "\$scree_waits" != "1" \]; then\n {2}set scree_waits=1\n {2}while /m);
});

test('Yaboot knows nothing that waits: the firmware goes on to its next device', (t) => {
  t.is(renderYaboot(waiting('yaboot.conf')), renderYaboot({ kind: 'local' }));
});

test('whatever an installer gives as its reason, no loader reads more than a text in it', (t) => {
  const property = fc.property(
    fc.string({ unit: 'binary', size: 'max', maxLength: 600 }),
    (reason) => {
      const shown = plainText(reason);
      assert.match(shown, /^[\w .,:;/()@+=?-]*$/);
      assert.ok(shown.length <= 240);
      assert.equal(plainText(shown), shown);
      const plan = { kind: 'wait', text: `n: ${reason}`, path: 'boot.ipxe' } as const;
      const counts = [renderPxelinux(plan), renderGrub(plan), renderIpxe(plan)].map(
        (script) => script.split('\n').length,
      );
      assert.deepEqual(counts, [12, 10, 6]);
    },
  );
  t.notThrows(() => fc.assert(property));
});
