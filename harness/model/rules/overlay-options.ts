/** Options of an overlay one by one. params.c:ovl_parse_param, before 6.5 super.c:ovl_parse_opt */
import type { OverlayParameter } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import { refuseAloud, refuseParameter, type Attempt, type OverlayConfig } from './overlay-facts.ts';
import { literally, type Refusal } from './rule.ts';

type Option = Extract<OverlayParameter, { kind: 'option' }>;

/** Options that are one of several words, and the words. params.c:ovl_parameter_spec, before 6.5 super.c:ovl_tokens */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  redirect_dir: ['on', 'off', 'follow', 'nofollow'],
  index: ['on', 'off'],
  nfs_export: ['on', 'off'],
  metacopy: ['on', 'off'],
  xino: ['on', 'off', 'auto'],
  uuid: ['on', 'off', 'null', 'auto'],
  verity: ['on', 'off', 'require'],
  fsync: ['volatile', 'auto', 'strict'],
};
/** Words of `uuid=` before 6.6, when it was on or off. */
const EARLY_UUID = ['on', 'off'];

const FLAGS = ['default_permissions', 'userxattr', 'volatile', 'override_creds', 'nooverride_creds'];

/** What a mount without options has. params.c:ovl_init_fs_context */
export function defaultConfig({ overlayDefaults: defaults }: Behaviours): OverlayConfig {
  const unset = defaults.alwaysFollow ? 'follow' : 'nofollow';
  return {
    redirect: defaults.redirectDir ? 'on' : unset,
    redirectWord: undefined,
    metacopy: defaults.metacopy,
    index: defaults.index,
    nfsExport: defaults.nfsExport,
    xino: defaults.xinoAuto ? 'auto' : 'off',
    verity: 'off',
    volatile: false,
    userxattr: false,
    set: new Set(),
  };
}

/** O40: an option that the kernel does not know, or a value that it does not. What it knows goes into the config. */
export function takeOption(attempt: Attempt, option: Option): Refusal | undefined {
  const { behaviours, subject, config } = attempt;
  const { key, value } = option;
  if (!isKnown(option, behaviours))
    return behaviours.overlayOptions === 'fill-super' ? unrecognised(option) : unknownParameter(option, attempt);
  // Before 6.5 a wrong word is an option that nobody knows; that of redirect_dir is looked at later.
  if (!isWord(option, behaviours) && (key !== 'redirect_dir' || behaviours.overlayOptions === 'context'))
    return behaviours.overlayOptions === 'fill-super'
      ? unrecognised(option)
      : refuseParameter('O40', `${key} has no value ${value ?? ''}`, subject, `overlay: Bad value for '${key}'`);
  apply(config, option, behaviours);
  return undefined;
}

function isKnown({ key }: Option, { overlayOptionNames }: Behaviours): boolean {
  return overlayOptionNames.has(key.replace(/^no(?=override_creds$)/, '')) && (key in WORDS || FLAGS.includes(key));
}

function isWord({ key, value }: Option, { overlayOptionNames }: Behaviours): boolean {
  const words = key === 'uuid' && !overlayOptionNames.has('verity') ? EARLY_UUID : WORDS[key];
  return words === undefined || (value !== undefined && words.includes(value));
}

/** super.c:ovl_parse_opt */
export function unrecognised({ key, value }: Pick<Option, 'key' | 'value'>): Refusal {
  const text = value === undefined ? key : `${key}=${value}`;
  return refuseAloud(
    'O40',
    `this kernel's overlayfs has no option ${text}`,
    `unrecognized mount option "${literally(text)}" or missing value`,
  );
}

/** fs_context.c:vfs_parse_fs_param */
function unknownParameter({ key }: Option, { subject }: Attempt): Refusal {
  const why = `this kernel's overlayfs has no option ${key}`;
  return refuseParameter('O40', why, subject, `overlay: Unknown parameter '${literally(key)}'`);
}

/** O40, of fill_super: super.c:ovl_parse_redirect_mode */
export function redirectWordKnown({ config, behaviours }: Attempt): Refusal | undefined {
  const word = config.redirectWord;
  return behaviours.overlayOptions === 'context' || word === undefined || WORDS['redirect_dir']!.includes(word)
    ? undefined
    : refuseAloud('O40', `redirect_dir has no value ${word}`, `bad mount option "redirect_dir=${literally(word)}"`);
}

function apply(config: OverlayConfig, { key, value }: Option, { overlayDefaults }: Behaviours): void {
  switch (key) {
    case 'redirect_dir': {
      config.redirectWord = value ?? '';
      config.set.add(key);
      if (value === 'on' || value === 'follow' || value === 'nofollow') config.redirect = value;
      else config.redirect = overlayDefaults.alwaysFollow ? 'follow' : 'nofollow';
      return;
    }
    case 'index':
    case 'metacopy':
      config[key] = value === 'on';
      config.set.add(key);
      return;
    case 'nfs_export':
      config.nfsExport = value === 'on';
      config.set.add(key);
      return;
    case 'xino':
      config.xino = value as OverlayConfig['xino'];
      return;
    case 'verity':
      config.verity = value as OverlayConfig['verity'];
      return;
    case 'fsync':
      config.volatile = value === 'volatile';
      return;
    case 'volatile':
      config.volatile = true;
      return;
    case 'userxattr':
      config.userxattr = true;
  }
}
