/** `--thread-size`: what the depth of a stack is held against. */
import { InvalidArgumentError, Option } from 'commander';
import { THREAD_SIZE } from '../stack/explain.ts';

export function threadSize(): Option {
  return new Option('--thread-size <bytes>', 'size of a kernel stack: 16384 on x86_64 and arm64, 8K on arm')
    .argParser(bytes)
    .default(THREAD_SIZE);
}

function bytes(value: string): number {
  const [, number, unit] = /^(\d+) ?(k?)(?:i?b)?$/i.exec(value) ?? [];
  const size = Number(number) * (unit === '' ? 1 : 1024);
  if (number === undefined || size < 1024 || !Number.isInteger(Math.log2(size)))
    throw new InvalidArgumentError('it is a power of two, in bytes or as 16K');
  return size;
}
