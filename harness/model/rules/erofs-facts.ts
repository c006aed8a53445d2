/** What the rules of an erofs mount read. */
import type { Damage } from '../../../vm/machine.ts';
import type { ErofsOptions, Mount } from '../../topology/topology.ts';
import type { ErofsAlgorithm } from '../behaviour.ts';
import type { DepthOf } from '../depth.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Behaviours } from '../behaviour.ts';
import type { Superblock } from '../superblock.ts';
import { logged, type Refusal, type RuleId } from './rule.ts';

export interface ErofsSubject {
  /** The mount, to be named in explanations. */
  readonly mount: Mount;
  readonly options: ErofsOptions;
  readonly api: 'mount' | 'fsopen';
  /** Who mounts (rule E29). */
  readonly by: 'init' | 'user-namespace' | 'foreign-context';
  readonly source: SourceFacts;
  /** What the image says of itself; undefined when the source holds no erofs image. */
  readonly image: ImageFacts | undefined;
  /** What each `device=` leads to. */
  readonly devices: readonly SourceFacts[];
  /** The block device carries an erofs already: its superblock is taken over, and nothing is read anew. */
  readonly shares: boolean;
  readonly depthOf: DepthOf;
}

/** What a path or descriptor leads to. `as: 'fd'` is fsconfig's FSCONFIG_SET_FD (rule E5). */
export type SourceFacts =
  /** The mount names no source (rule V1). */
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'block'; readonly as: 'path' | 'fd' }
  | { readonly kind: 'regular'; readonly on: Superblock; readonly as: 'path' | 'fd' }
  /** A directory, FIFO, socket or character device. */
  | { readonly kind: 'other'; readonly as: 'path' | 'fd' };

/** The fields of the on-disk superblock that decide about the mount. */
export interface ImageFacts {
  readonly validMagic: boolean;
  /** Where the superblock's block lies in the source, in bytes; `fsoffset=` must say the same. */
  readonly offsetBytes: number;
  readonly blkszbits: number;
  readonly checksum: 'valid' | 'invalid' | 'absent';
  /** The block size over which the checksum was taken, in bytes: `blkszbits` may be damaged. */
  readonly checksumBlockBytes: number;
  /** feature_incompat: see INCOMPAT. */
  readonly incompat: number;
  /** The algorithm of its compressed files; undefined when it has none. */
  readonly compression: ErofsAlgorithm | undefined;
  readonly extraDevices: number;
  /** Extra devices whose on-disk tag is empty, so that only `device=` can name them. */
  readonly untaggedDevices: number;
  readonly hasShareXattrs: boolean;
  readonly dirblkbits: number;
  readonly sbExtslots: number;
  readonly volumeNameEnds: boolean;
  /** What the root's nid leads to: undefined where it leads to the root. */
  readonly rootIs: string | undefined;
  /** What was done to the image. */
  readonly damage: readonly Damage[];
}

export function refuse(rule: RuleId, errno: string, why: string, messages: readonly ExpectedMessage[]): Refusal {
  return { rule, errno, why, messages };
}

/** CH4: erofs_err, which gives the function's name up to 6.12. CH5: the device of a file-backed mount is `erofs`. */
export function erofsError(rule: RuleId, { erofsMessages }: Behaviours, text: string): ExpectedMessage {
  const prefix = erofsMessages === 'with-function' ? 'erofs: \\(device [^)]+\\): \\w+: ' : 'erofs \\(device [^)]+\\): ';
  return logged(rule, new RegExp(`^${prefix}(?:${text})$`));
}

/** CH4: erofs_info, which never names a function. */
export function erofsNote(rule: RuleId, { erofsMessages }: Behaviours, text: string): ExpectedMessage {
  const colon = erofsMessages === 'with-function' ? ':' : '';
  return logged(rule, new RegExp(`^erofs${colon} \\(device [^)]+\\): (?:${text})$`));
}
