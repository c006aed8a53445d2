/** Reading in every way, meant to be used in a scenario file. */
import { CONTENTS_WAYS } from '../../vm/machine.ts';
import { read, type ReadStep } from '../scenario.ts';
import type { FileIn } from './topology.ts';

/** A step a way, in the order of `CONTENTS_WAYS`; `program` is what is executed, and `file` is read by all the others. */
export function readsByAll(name: string, file: FileIn, program: FileIn): readonly ReadStep[] {
  return CONTENTS_WAYS.map((by) => read(`${name}: ${by}`, by === 'exec' ? program : file, { by }));
}
