/** Which rules of E an erofs mount bears on: those that let it pass, and those that it just does not break. */
import type { Damage } from '../../../vm/machine.ts';
import type { Behaviours } from '../behaviour.ts';
import type { ErofsSubject } from './erofs-facts.ts';
import { NOTHING, type Exercised } from './exercised.ts';
import type { RuleId } from './registry.ts';

/** Those that there are lie in the lowest byte: EROFS_FEATURE_COMPAT_… in fs/erofs/erofs_fs.h of 7.3. */
const KNOWN_COMPATIBLE = 0xff;

/** Of a mount that the kernel makes. */
export function exercisedByErofs(subject: ErofsSubject, behaviours: Behaviours): Exercised {
  const parts = [ofSource(subject, behaviours), ofImage(subject, behaviours), ofOptions(subject, behaviours)];
  return { triggered: parts.flatMap(({ triggered }) => triggered), spared: parts.flatMap(({ spared }) => spared) };
}

/** E1 to E11, D10. */
function ofSource({ source }: ErofsSubject, { erofsStacking, fileBacked, maxStackDepth }: Behaviours): Exercised {
  if (source.kind === 'block') {
    const onlyDevices: RuleId = erofsStacking === 'no-file-backed' ? 'E1' : 'E2';
    return { triggered: ['D10'], spared: ['E29', 'E3', 'V1', 'V2', ...(fileBacked ? [] : [onlyDevices])] };
  }
  if (source.kind !== 'regular') return NOTHING;
  const { on } = source;
  const spared: RuleId[] = ['E29', 'E3', ...(source.as === 'fd' ? (['E5'] as const) : (['E4', 'V1', 'V2'] as const))];
  switch (erofsStacking) {
    case 'no-file-backed':
      return NOTHING;
    case 'unchecked':
      return { triggered: ['E6'], spared };
    case 'counted':
      return { triggered: ['E7'], spared: on.depth + 1 === maxStackDepth ? [...spared, 'E8'] : spared };
    case 'no-erofs-backing':
      return { triggered: [], spared: [...spared, 'E9'] };
    case 'no-stacked-backing':
      return { triggered: ['E11'], spared: on.type === 'erofs' ? [...spared, 'E10'] : spared };
  }
  return erofsStacking satisfies never;
}

/**
 * E12 to E22, and I1 to I6, of the superblock and the root's inode. A superblock that is shared is not read anew, so nothing
 * is asked of the image.
 */
function ofImage({ image, devices, source, shares }: ErofsSubject, behaviours: Behaviours): Exercised {
  if (shares) return { triggered: [], spared: ['E28'] };
  if (image === undefined) return NOTHING;
  const triggered: RuleId[] = [];
  const spared: RuleId[] = ['E18', 'I3', 'I4', 'I5', 'I6'];
  if (behaviours.erofsChecksSuperblock) spared.push(image.sbExtslots === 0 ? 'I1' : 'I2');
  const bits = image.blkszbits;
  if (2 ** bits === behaviours.pageBytes || bits === 9) spared.push('E19');
  if (image.checksum === 'valid') spared.push('E20');
  if (image.incompat !== 0) spared.push('E21');
  if (image.compression !== undefined && behaviours.erofsChecksAlgorithms) spared.push('E22');
  if (image.damage.some(isBelieved)) triggered.push('I10');
  if (devices.length > 0) {
    spared.push('E13', 'E14');
    if (image.untaggedDevices > 0) spared.push('E15');
    if (source.kind === 'regular') triggered.push('E12');
  } else if (image.untaggedDevices > 0) triggered.push('E15');
  return { triggered, spared };
}

/** A compatible feature that there is not: I10. */
function isBelieved(one: Damage): boolean {
  return one.kind === 'superblock' && one.field === 'feature_compat' && (one.value & ~KNOWN_COMPATIBLE) !== 0;
}

/** E0, E16, E23 to E26. */
function ofOptions({ options, devices }: ErofsSubject, { erofsIneffectiveOptions }: Behaviours): Exercised {
  const given = [...Object.keys(options), ...(devices.length > 0 ? ['device'] : [])];
  const spared: RuleId[] = given.length > 0 ? ['E0'] : [];
  if (options.fsoffset !== undefined) spared.push('E16');
  if (options.inode_share === true && !erofsIneffectiveOptions.has('inode_share')) {
    spared.push('E23');
    if (options.dax !== undefined) spared.push('E24');
  }
  if (given.some((name) => name !== 'dax' && !erofsIneffectiveOptions.has(name)) || options.dax === 'never')
    spared.push('E26');
  return { triggered: [], spared };
}
