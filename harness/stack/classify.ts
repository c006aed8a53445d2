/** One function to its layer, by the table. */
import { MODULES, ROWS, type Rule } from './layer-table.ts';
import { BARE_ADDRESS } from './symbol.ts';

const WHOLE = new Map<string, Rule>();
const BEGINNINGS = new Map<string, Rule>();
for (const { names, prefixes, ...rule } of ROWS) {
  for (const name of names?.split(' ') ?? []) WHOLE.set(name.replace(/^_+/, ''), rule);
  for (const prefix of prefixes?.split(' ') ?? []) BEGINNINGS.set(prefix.replace(/^_+/, ''), rule);
}
/** Longest first. */
const LENGTHS = [...new Set([...BEGINNINGS.keys()].map(({ length }) => length))].sort((a, b) => b - a);

const NO_SYMBOL: Rule = { layer: 'unknown', why: 'an address without a symbol' };
const NOT_LISTED: Rule = { layer: 'unknown', why: 'no row of harness/stack/layer-table.ts knows it' };
const OTHER_MODULE: Rule = { layer: 'unknown', why: 'a module that harness/stack/layer-table.ts does not know' };

/** What was asked before: a campaign's tables have the same few hundred functions. */
const asked = new Map<string, Rule>();
const MOST_ASKED = 10_000;

/** `name` without suffixes (symbol.ts). A module's tag wins over what the name says. */
export function classify(name: string, module: string | undefined): Rule {
  const key = module === undefined ? name : `${name} [${module}]`;
  let rule = asked.get(key);
  if (rule === undefined) {
    rule = look(name, module);
    if (asked.size >= MOST_ASKED) asked.clear();
    asked.set(key, rule);
  }
  return rule;
}

function look(name: string, module: string | undefined): Rule {
  if (name === BARE_ADDRESS) return NO_SYMBOL;
  const bare = name.startsWith('_') ? name.replace(/^_+/, '') : name;
  const byName = WHOLE.get(bare) ?? byBeginning(bare);
  if (module === undefined) return byName ?? NOT_LISTED;
  if (byName?.role === 'callback') return byName;
  return MODULES.get(module) ?? OTHER_MODULE;
}

function byBeginning(name: string): Rule | undefined {
  for (const length of LENGTHS) {
    if (length > name.length) continue;
    const rule = BEGINNINGS.get(name.slice(0, length));
    if (rule !== undefined) return rule;
  }
  return undefined;
}
