/** Refuses damage that cannot be done to an image, or of which nobody can say what it does. */
import { SUPERBLOCK_FIELDS, type Damage } from './damage-spec.ts';
import type { ErofsSpec, TreeNode } from './spec.ts';
import { walk } from './tree.ts';

/** `refuse` throws, with the reason. */
export function checkDamage(damage: Damage, image: ErofsSpec, refuse: (why: string) => never): void {
  const entry = (of: string): TreeNode =>
    walk(image.tree).find(({ path }) => path === of)?.node ?? refuse(`damage to ${of}, which the image does not hold`);
  const isFile = (of: string, wanted: (spec: ErofsSpec) => boolean, why: string): void => {
    if (entry(of).kind !== 'file' || !wanted(image)) refuse(`${damage.kind} of ${of}: ${why}`);
  };
  switch (damage.kind) {
    case 'checksum':
    case 'volume-name':
      return;
    case 'superblock': {
      const { bytes } = SUPERBLOCK_FIELDS[damage.field];
      if (!isWithin(damage.value, 2 ** (8 * bytes) - 1))
        refuse(`${damage.field} ${damage.value} is not a number of ${bytes} bytes`);
      return;
    }
    case 'root':
      if (entry(damage.of).kind === 'directory') refuse(`root of ${damage.of}: a directory could be one`);
      return;
    case 'inode':
      entry(damage.of);
      if (!isWithin(damage.value, 0xffff)) refuse(`${damage.field} ${damage.value} is not a number of 2 bytes`);
      return;
    case 'directory':
      if (entry(damage.of).kind !== 'directory') refuse(`directory of ${damage.of}, which is none`);
      if (!isWithin(damage.nameoff, 11)) refuse(`nameoff ${damage.nameoff}: one below 12 says that there is no entry`);
      return;
    case 'data': {
      isFile(damage.of, ({ compression, chunkBytes }) => (compression ?? chunkBytes) === undefined, PLAIN);
      if (!isWithin(damage.xor, 255) || damage.xor === 0) refuse(`xor ${damage.xor} is not between 1 and 255`);
      return;
    }
    case 'clusters':
      return isFile(damage.of, ({ compression }) => compression !== undefined, 'only of a compressed file');
    case 'truncated':
      return isFile(damage.before, ({ compression, chunkBytes }) => (compression ?? chunkBytes) === undefined, PLAIN);
  }
  return damage satisfies never;
}

const PLAIN = 'only of a file that is stored plain, neither compressed nor in chunks';

function isWithin(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest;
}
