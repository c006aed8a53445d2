/** Options of an erofs mount, one after the other as the kernel takes them. super.c:erofs_fc_parse_param */
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';
import { refuse, type ErofsSubject } from './erofs-facts.ts';
import { fromContext, literally, type Refusal } from './rule.ts';

/** What parsing came to: what was said, and the refusal where there is one. */
export interface Parsed {
  readonly messages: readonly ExpectedMessage[];
  readonly refusal: Refusal | undefined;
}

/** `device=` options come first, then the others in the scenario's order (topology/mount-options.ts). */
export function parseOptions(subject: ErofsSubject, behaviours: Behaviours): Parsed {
  const messages: ExpectedMessage[] = [];
  const given: readonly (readonly [name: string, value: unknown])[] = [
    ...(subject.devices.length > 0 ? [['device', ''] as const] : []),
    ...Object.entries(subject.options),
  ];
  for (const [name, value] of given) {
    const outcome = parseOption(name, value, subject, behaviours);
    if ('errno' in outcome) return { messages, refusal: outcome };
    messages.push(...outcome);
  }
  return { messages, refusal: undefined };
}

function parseOption(
  name: string,
  value: unknown,
  { api }: ErofsSubject,
  behaviours: Behaviours,
): Refusal | readonly ExpectedMessage[] {
  /** E0: fs_context.c:vfs_parse_fs_param, for what is not in the table; `no…` is named as it was given. */
  if (!behaviours.erofsOptions.has(name)) {
    const spelled = value === false ? `no${name}` : name;
    const said = fromContext('E0', api, `erofs: Unknown parameter '${literally(spelled)}'`);
    return refuse('E0', 'EINVAL', `this kernel's erofs has no option ${spelled}`, [said]);
  }
  if (name === 'dax') return parseDax(value, api, behaviours);
  /** E26: an option whose CONFIG is off leaves an error line and has no effect. */
  return behaviours.erofsIneffectiveOptions.has(name) ? [fromContext('E26', api, `erofs: ${ineffective(name)}`)] : [];
}

/** E26, its exception: without CONFIG_FS_DAX the option is refused. super.c:erofs_fc_set_dax_mode */
function parseDax(
  value: unknown,
  api: ErofsSubject['api'],
  { dax, daxWarns }: Behaviours,
): Refusal | readonly ExpectedMessage[] {
  if (!dax) {
    const said = fromContext('E26', api, 'erofs: dax options not supported');
    return refuse('E26', 'EINVAL', 'dax was asked for and CONFIG_FS_DAX is off', [said]);
  }
  return value === 'always' && daxWarns
    ? [fromContext('E26', api, 'erofs: DAX enabled\\. Warning: EXPERIMENTAL, use at your own risk', 'w')]
    : [];
}

function ineffective(name: string): string {
  switch (name) {
    case 'user_xattr':
    case 'acl':
      return `\\{,no\\}${name} options not supported`;
    case 'cache_strategy':
      return 'compression not supported, cache_strategy ignored';
    default:
      return `${name} option not supported`;
  }
}
