// The arrows between the rooms (CONTRIBUTING.md, "The rooms"), as rules for dependency-cruiser.
'use strict';

/** What each room may import, besides itself. Every import goes to the other room's index.ts. */
const arrows = {
  virtqueue: [],
  messages: [],
  toolchain: [],
  diagnosis: ['virtqueue'],
  guest: ['toolchain'],
  device: ['virtqueue'],
  // diagnosis: whether a run that has come to rest is stalled
  machine: ['guest', 'device', 'virtqueue', 'toolchain', 'diagnosis'],
  scenario: ['machine', 'guest', 'device', 'virtqueue', 'toolchain', 'diagnosis'],
  // debug speaks the protocol over any machine: it knows no device and no host model
  debug: ['scenario', 'machine', 'guest', 'virtqueue', 'toolchain', 'diagnosis'],
  panel: ['messages', 'scenario', 'machine', 'guest', 'device', 'virtqueue', 'toolchain', 'diagnosis'],
  // what VS Code's own views show of a session is what the panel shows
  views: [
    'messages',
    'panel',
    'experiment',
    'scenario',
    'machine',
    'guest',
    'device',
    'virtqueue',
    'toolchain',
    'diagnosis',
  ],
  experiment: ['scenario', 'machine', 'toolchain'],
  cli: ['experiment', 'scenario', 'machine', 'toolchain'],
};

const roomRules = Object.entries(arrows).map(([room, allowed]) => ({
  name: `arrows-of-${room}`,
  comment: `${room}/ may import ${allowed.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(src|webview|test|scripts)/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'known-rooms',
      comment: 'a new folder in src/ needs its arrows here',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: `^src/(${Object.keys(arrows).join('|')})/` },
      to: {},
    },
    {
      name: 'through-the-door',
      comment: 'another room is imported through its index.ts only',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'extension-through-the-door',
      severity: 'error',
      from: { path: '^src/extension\\.ts$' },
      to: { path: '^src/', pathNot: '^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'vscode-in-extension-panel-and-views-only',
      comment: 'everything else runs headless and under other editors',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/(extension\\.ts$|panel/|views/)' },
      to: { path: '^vscode$' },
    },
    {
      name: 'page-knows-messages-only',
      comment: 'webview/ imports the protocol.ts of panel/ and of views/, and types of virtqueue',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^(src|test|scripts)/', pathNot: '^src/((panel|views/[^/]+)/protocol\\.ts$|virtqueue/)' },
    },
    {
      name: 'page-takes-types-of-virtqueue',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/virtqueue/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|webview)/' },
      to: { path: '^(test|scripts)/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^vscode$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^(dist|out)/' },
  },
};
