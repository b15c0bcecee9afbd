/** What makes each version of `scree.db` from the one before. Only ever appended to. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE nodes (
    name TEXT PRIMARY KEY,
    uuid TEXT UNIQUE,
    address TEXT UNIQUE,
    role TEXT NOT NULL,
    rack INTEGER,
    rank INTEGER,
    -- A JSON array of text, or NULL for what the configuration says.
    client_classes TEXT CHECK (json_type(client_classes) = 'array'),
    boot_action TEXT NOT NULL,
    boot_state TEXT NOT NULL
      CHECK (boot_state IN ('os', 'install', 'booting', 'installing', 'failed'))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE macs (
    mac TEXT PRIMARY KEY,
    node TEXT NOT NULL REFERENCES nodes (name) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    UNIQUE (node, position)
  ) STRICT, WITHOUT ROWID;

  -- Counts the transactions that wrote to nodes or macs, so that others see that they have to read.
  CREATE TABLE revision (value INTEGER NOT NULL) STRICT;
  INSERT INTO revision VALUES (0);

  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- A node's name, or the MAC of a machine that is no node.
    machine TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    mac TEXT,
    event TEXT NOT NULL,
    text TEXT NOT NULL,
    reason TEXT,
    path TEXT,
    size_bytes INTEGER,
    elapsed_ms REAL
  ) STRICT;
  CREATE INDEX events_of_machine ON events (machine, id);
  `,
  `
  -- A JSON object of options as people write them, by name or number.
  ALTER TABLE nodes ADD COLUMN
    dhcp_options TEXT NOT NULL DEFAULT '{}' CHECK (json_type(dhcp_options) = 'object');
  `,
  `
  ALTER TABLE nodes ADD COLUMN boot_reason TEXT;
  ALTER TABLE nodes ADD COLUMN state_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE nodes ADD COLUMN install_number INTEGER NOT NULL DEFAULT 0;
  -- Those that are on their way have begun an install.
  UPDATE nodes SET install_number = 1 WHERE boot_state <> 'os';
  `,
  `
  CREATE TABLE attributes (
    scope TEXT NOT NULL CHECK (scope IN ('global', 'os', 'role', 'rack', 'node')),
    -- Empty for 'global'.
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON: a text, a number, true or false, or an array of texts.
    value TEXT NOT NULL CHECK (json_valid(value)),
    is_secret INTEGER NOT NULL,
    PRIMARY KEY (scope, target, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attribute_revision (value INTEGER NOT NULL) STRICT;
  INSERT INTO attribute_revision VALUES (0);

  CREATE TRIGGER attributes_of_removed_node AFTER DELETE ON nodes BEGIN
    DELETE FROM attributes WHERE scope = 'node' AND target = OLD.name;
    UPDATE attribute_revision SET value = value + 1;
  END;
  `,
  `
  CREATE TABLE install_logs (
    node TEXT PRIMARY KEY REFERENCES nodes (name) ON DELETE CASCADE,
    install_number INTEGER NOT NULL,
    -- The last lines, of a failed install.
    text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE operator_tokens (
    name TEXT PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'boot', 'admin')),
    -- Of the token: SHA-256 in hex. The token itself is kept nowhere.
    hash TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    last_used_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    -- Where the request came from; NULL: a command, or the control socket.
    address TEXT,
    action TEXT NOT NULL,
    -- How many things were changed; their names are in audit_targets.
    target_count INTEGER NOT NULL,
    detail TEXT NOT NULL CHECK (json_valid(detail))
  ) STRICT;

  CREATE TABLE audit_targets (
    target TEXT NOT NULL,
    id INTEGER NOT NULL REFERENCES audit (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (target, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX targets_of_audit ON audit_targets (id, position);

  -- Up to which event some have gone to make room, so that who resumes is told of a gap.
  CREATE TABLE events_gone (up_to INTEGER NOT NULL) STRICT;
  INSERT INTO events_gone VALUES (0);
  `,
  `
  -- What was heard last of each install that was on its way; written now and then.
  CREATE TABLE install_heard (
    node TEXT PRIMARY KEY REFERENCES nodes (name) ON DELETE CASCADE,
    install_number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    boots INTEGER NOT NULL,
    boot_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What the agent of each node told last of its install.
  CREATE TABLE install_progress (
    node TEXT PRIMARY KEY REFERENCES nodes (name) ON DELETE CASCADE,
    -- A JSON object.
    progress TEXT NOT NULL CHECK (json_type(progress) = 'object')
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The number of the latest install of all: none is given twice, whatever becomes of its node.
  CREATE TABLE install_counter (value INTEGER NOT NULL) STRICT;
  -- Nodes that are gone have had numbers, too.
  INSERT INTO install_counter
    SELECT CASE
      WHEN EXISTS (SELECT 1 FROM nodes) OR EXISTS (SELECT 1 FROM audit)
      THEN (SELECT coalesce(max(install_number), 0) FROM nodes) + 1000
      ELSE 0
    END;
  `,
  `
  -- In which order machines of a role have read the files of a tree.
  CREATE TABLE install_orders (
    tree TEXT NOT NULL,
    role TEXT NOT NULL,
    learnt_at_ms INTEGER NOT NULL,
    -- 1: of machines that had all they needed.
    is_whole INTEGER NOT NULL CHECK (is_whole IN (0, 1)),
    -- A JSON array of paths.
    paths TEXT NOT NULL CHECK (json_type(paths) = 'array'),
    PRIMARY KEY (tree, role)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- A JSON object: what it was to boot before its latest order; NULL: that cannot be taken back.
  ALTER TABLE nodes ADD COLUMN undo TEXT CHECK (json_type(undo) = 'object');
  `,
];
