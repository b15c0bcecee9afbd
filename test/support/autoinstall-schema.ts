import * as v from 'valibot';

/** The documented keys of Ubuntu's autoinstall, version 1, that a generated file may have. */

const command = v.union([v.string(), v.array(v.string())]);
const commands = v.array(command);
const text = v.string();

const layout = v.strictObject({
  name: v.picklist(['direct', 'lvm', 'zfs', 'hybrid']),
  mode: v.optional(v.picklist(['reformat_disk', 'use_gap'])),
  match: v.optional(
    v.strictObject({
      path: v.optional(text),
      size: v.optional(v.picklist(['largest', 'smallest'])),
      serial: v.optional(text),
      model: v.optional(text),
      ssd: v.optional(v.boolean()),
      'install-media': v.optional(v.boolean()),
    }),
  ),
  'sizing-policy': v.optional(v.picklist(['scaled', 'all'])),
  password: v.optional(text),
});

const apt = v.strictObject({
  preserve_sources_list: v.optional(v.boolean()),
  'mirror-selection': v.optional(
    v.strictObject({
      primary: v.array(
        v.union([
          v.literal('country-mirror'),
          v.strictObject({ uri: v.pipe(text, v.url()), arches: v.optional(v.array(text)) }),
        ]),
      ),
    }),
  ),
  fallback: v.optional(v.picklist(['abort', 'continue-anyway', 'offline-install'])),
  geoip: v.optional(v.boolean()),
  sources: v.optional(v.record(text, v.unknown())),
  disable_components: v.optional(v.array(text)),
});

const autoinstall = v.strictObject({
  version: v.literal(1),
  'interactive-sections': v.optional(v.array(text)),
  'early-commands': v.optional(commands),
  locale: v.optional(text),
  'refresh-installer': v.optional(
    v.strictObject({ update: v.boolean(), channel: v.optional(text) }),
  ),
  keyboard: v.optional(
    v.strictObject({
      layout: text,
      variant: v.optional(text),
      toggle: v.optional(v.nullable(text)),
    }),
  ),
  source: v.optional(v.strictObject({ id: text, search_drivers: v.optional(v.boolean()) })),
  network: v.optional(
    v.strictObject({
      version: v.literal(2),
      ethernets: v.record(text, v.record(text, v.unknown())),
    }),
  ),
  proxy: v.optional(v.nullable(text)),
  apt: v.optional(apt),
  storage: v.optional(
    v.strictObject({ layout: v.optional(layout), config: v.optional(v.array(v.unknown())) }),
  ),
  identity: v.optional(
    v.strictObject({ hostname: text, username: text, password: text, realname: v.optional(text) }),
  ),
  ssh: v.optional(
    v.strictObject({
      'install-server': v.optional(v.boolean()),
      'authorized-keys': v.optional(v.array(text)),
      'allow-pw': v.optional(v.boolean()),
    }),
  ),
  codecs: v.optional(v.strictObject({ install: v.boolean() })),
  drivers: v.optional(v.strictObject({ install: v.boolean() })),
  snaps: v.optional(
    v.array(
      v.strictObject({ name: text, channel: v.optional(text), classic: v.optional(v.boolean()) }),
    ),
  ),
  'debconf-selections': v.optional(text),
  packages: v.optional(v.array(text)),
  kernel: v.optional(
    v.union([v.strictObject({ package: text }), v.strictObject({ flavor: text })]),
  ),
  timezone: v.optional(text),
  updates: v.optional(v.picklist(['security', 'all'])),
  shutdown: v.optional(v.picklist(['reboot', 'poweroff'])),
  'late-commands': v.optional(commands),
  'error-commands': v.optional(commands),
  reporting: v.optional(v.record(text, v.unknown())),
  'user-data': v.optional(v.record(text, v.unknown())),
});

/** One of `identity` and `user-data` has to be there. */
export const userDataSchema = v.strictObject({
  autoinstall: v.pipe(
    autoinstall,
    v.check((value) => value.identity !== undefined || value['user-data'] !== undefined, 'no user'),
  ),
});
