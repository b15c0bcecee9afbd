import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import * as v from 'valibot';
import { createProfiles, shippedProfiles } from '../../../src/frontend/profiles/main.ts';
import type { Rendered } from '../../../src/frontend/profiles/types.ts';
import { readYaml } from '../../../src/frontend/yaml-values.ts';
import { userDataSchema } from '../../support/autoinstall-schema.ts';
import { readKickstart } from '../../support/kickstart-check.ts';
import { readPreseed } from '../../support/preseed-reader.ts';
import { context, hostOf } from './fixture.ts';

// UPDATE=1 writes the files anew; look at the difference before it is committed.
const golden = join(import.meta.dirname, 'golden');

const profiles = createProfiles({ folders: [shippedProfiles] });

const much = {
  'root-password-hash': '$6$salt$hash',
  'ssh-keys': ["ssh-ed25519 AAAA it's me", 'ssh-ed25519 BBBB you'],
  users: ['alice:$6$salt$other', 'bob'],
  'user-keys': ['alice:ssh-ed25519 CCCC a:b'],
  admins: ['alice'],
  packages: ['vim', 'g++'],
  'packages-at-first-boot': ['gcc', '-nano'],
  'ntp-servers': ['10.1.1.1', '10.1.1.2'],
  'time-zone': 'Europe/Berlin',
  domain: 'cluster.example',
  disk: 'nvme0n1',
  'disk-layout': 'lvm',
  'kernel-arguments': 'quiet mitigations=off',
  'trust-unsigned': true,
};

const fitting: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debut: { 'disk-layout': 'plain', 'boot-loader': 'extlinux', 'debootstrap-variant': 'minbase' },
};

for (const profile of ['rocky9', 'debian12', 'ubuntu2404', 'debut']) {
  test(`${profile} for a node of which nothing is set`, async (t) => {
    const rendered = profiles.render(hostOf(profile), context);
    t.deepEqual(wrongWith(rendered), []);
    await compare(t, `${profile}-plain.txt`, rendered);
  });

  test(`${profile} for a node of which much is set`, async (t) => {
    const rendered = profiles.render(hostOf(profile, { ...much, ...fitting[profile] }), context);
    t.deepEqual(wrongWith(rendered), []);
    await compare(t, `${profile}-much.txt`, rendered);
  });
}

test('a language of no country leaves nothing for Debian’s installer to ask', (t) => {
  const render = (language: string) =>
    readPreseed(profiles.render(hostOf('debian12', { language }), context).text);
  const plain = render('C.UTF-8').filter(({ question }) =>
    /^debian-installer\/(?:lang|count|loc)/.test(question),
  );
  t.deepEqual(
    plain.map(({ question, value }) => `${question} ${value}`),
    [
      'debian-installer/language en',
      'debian-installer/country US',
      'debian-installer/locale C.UTF-8',
    ],
  );
  t.false(render('de_AT.UTF-8').some(({ question }) => question === 'debian-installer/country'));
});

test('compute is what debian12 is', (t) => {
  const [compute, debian] = ['compute', 'debian12'].map((name) =>
    profiles.render(hostOf(name, much), context),
  );
  t.is(compute?.text.replace('profile compute', 'profile debian12'), debian?.text);
});

function wrongWith({ output, text }: Rendered): readonly unknown[] {
  if (output === 'kickstart') return readKickstart(text).problems;
  if (output === 'autoinstall') return v.safeParse(userDataSchema, readYaml(text)).issues ?? [];
  if (output === 'script')
    return spawnSync('sh', ['-n'], { input: text }).status === 0 ? [] : [text];
  return readPreseed(text).length > 20 ? [] : ['too few answers'];
}

async function compare(
  t: { readonly is: (actual: string, expected: string) => boolean },
  name: string,
  { text, files }: Rendered,
): Promise<void> {
  const parts = [...files].filter(([file]) => file !== 'user-data');
  const whole = [['', { text }] as const, ...parts].map(
    ([file, each]) => `=== ${file}\n${each.text}`,
  );
  const path = join(golden, name);
  if (process.env.UPDATE !== undefined || !existsSync(path)) {
    await mkdir(golden, { recursive: true });
    await writeFile(path, whole.join('\n'));
  }
  t.is(whole.join('\n'), await readFile(path, 'utf8'));
}
