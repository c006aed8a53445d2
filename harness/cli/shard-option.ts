/** `--shard I/N`: a run divided among machines. */
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../../vm/machine.ts';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export function parseShard(text: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (index === undefined || of === undefined || Number(index) > Number(of))
    throw new InvalidArgumentError('it is I/N, from 1/N to N/N');
  return { index: Number(index), of: Number(of) };
}

/** Every Nth: neighbours are of one kind and take about as long. Throws UsageError where there is nothing for a part. */
export function partOf<T>(all: readonly T[], { index, of }: Shard): readonly T[] {
  if (of > all.length)
    throw new UsageError(`--shard ${index}/${of}: there are only ${all.length} scenarios to be divided`);
  return all.filter((_, at) => at % of === index - 1);
}
