/** What each node has without any attribute being set; nothing where it is not known. */
export const builtInNames: readonly string[] = [
  ...['name', 'address', 'mac', 'macs', 'uuid', 'role', 'rack', 'rank', 'os', 'profile'],
  ...['frontend', 'frontend-url'],
];

/** All names that templates may use beside declared attributes. */
export const scopeNames: ReadonlySet<string> = new Set([
  ...builtInNames,
  'architecture',
  'output',
  'install',
]);
