/**
 * The rooms of the design as a lint rule: which folder may import from which. A file belongs to the longest prefix
 * that fits; its own room is always allowed. `types` may be imported with `import type` only.
 */
import path from 'node:path';

const root = import.meta.dirname;
const judging = ['harness/model/', 'harness/topology/', 'harness/observe/', 'harness/judge/', 'harness/stack/'];
const scenario = 'harness/scenario.ts';

/** `packages` are npm packages and Node's own modules; absent, all are allowed. `pure` takes clocks and I/O away. */
export const ROOMS = {
  'harness/model/': { rooms: ['harness/topology/'], types: [scenario, 'vm/machine.ts'], packages: [], pure: true },
  // The error types are values, and vm/machine.ts is the door through which they come.
  'harness/topology/': { rooms: [scenario, 'vm/machine.ts'], packages: ['zod'], pure: true },
  'harness/scenario.ts': { rooms: ['harness/topology/'], types: ['vm/machine.ts'], packages: ['zod'], pure: true },
  'harness/observe/': { rooms: [], types: ['vm/machine.ts'], packages: ['zod'], pure: true },
  'harness/judge/': { rooms: [...judging, scenario, 'vm/machine.ts'], packages: ['zod'] },
  'harness/stack/': { rooms: ['harness/observe/', 'vm/machine.ts'], packages: ['zod'], pure: true },
  'harness/report/': {
    rooms: [
      ...judging,
      scenario,
      'vm/machine.ts',
      'harness/diff/',
      'harness/identify/',
      'harness/measure/measurement.ts',
    ],
    types: ['harness/run/', 'harness/measure/'],
  },
  'harness/run/': {
    rooms: [
      ...judging,
      'harness/diff/',
      'harness/explore/',
      'harness/identify/',
      'harness/report/',
      scenario,
      'scenarios/',
      'vm/',
    ],
  },
  'harness/measure/': { rooms: [...judging, 'harness/run/', scenario, 'vm/'] },
  'harness/identify/': { rooms: [...judging, scenario, 'vm/machine.ts'], packages: [], pure: true },
  'harness/diff/': {
    rooms: [...judging, 'harness/identify/', scenario, 'vm/machine.ts'],
    packages: [],
    pure: true,
  },
  'harness/explore/': { rooms: [...judging, scenario, 'vm/machine.ts'] },
  'harness/cli/': { rooms: ['harness/', 'scenarios/', 'vm/'] },
  'vm/': { rooms: [] },
  'scenarios/': { rooms: ['harness/topology/', scenario], packages: [] },
};

const rule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      room: '{{from}} may not import {{target}}: it sees {{allowed}} (eslint.rooms.js).',
      types: '{{from}} may import only types from {{target}} (eslint.rooms.js).',
      package: '{{from}} may not import {{target}}: it uses {{allowed}} (eslint.rooms.js).',
    },
  },
  create(context) {
    const from = Object.keys(ROOMS)
      .sort((a, b) => b.length - a.length)
      .find((prefix) => path.relative(root, context.filename).startsWith(prefix));
    if (from === undefined) return {};
    const { rooms, types = [], packages } = ROOMS[from];
    const within = (target, prefixes) => prefixes.some((prefix) => target.startsWith(prefix));

    function check(node, source, typeOnly) {
      if (typeof source !== 'string') return;
      if (!source.startsWith('.')) {
        if (packages === undefined || packages.includes(source)) return;
        const allowed = packages.length === 0 ? 'no packages' : `only ${packages.join(', ')}`;
        context.report({ node, messageId: 'package', data: { from, target: source, allowed } });
        return;
      }
      const target = path.relative(root, path.resolve(path.dirname(context.filename), source));
      if (within(target, [from, ...rooms])) return;
      if (!within(target, types)) {
        const allowed = [from, ...rooms, ...types].join(', ');
        context.report({ node, messageId: 'room', data: { from, target, allowed } });
      } else if (!typeOnly) context.report({ node, messageId: 'types', data: { from, target } });
    }
    const isTypeOnly = ({ importKind, specifiers }) =>
      importKind === 'type' || (specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type'));
    return {
      ImportDeclaration: (node) => check(node, node.source.value, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node, node.source?.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source.value, false),
      TSImportType: (node) => check(node, node.source.value, true),
    };
  },
};

const impure = ['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'Date', 'console'];
const pureFiles = Object.entries(ROOMS)
  .filter(([, { pure }]) => pure === true)
  .map(([prefix]) => (prefix.endsWith('/') ? `${prefix}**` : prefix));

export const rooms = [
  { files: ['**/*.ts'], plugins: { fathom: { rules: { rooms: rule } } }, rules: { 'fathom/rooms': 'error' } },
  {
    files: pureFiles,
    rules: {
      'no-restricted-globals': [
        'error',
        ...impure.map((name) => ({ name, message: 'This room is pure: no clock and no I/O (design.md).' })),
      ],
    },
  },
];
