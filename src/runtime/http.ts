/**
 * node:http for programs that must stay small. Importing the module by name looks at everything it
 * exports, and one of those getters loads the bundled undici: 14 MB and 0.1 s for nothing.
 */
export const { Agent, createServer, get, request } = process.getBuiltinModule('node:http');
