/** `--module NAME=FILE.ko`: a module that stands in for the kernel's own. */
import { InvalidArgumentError } from 'commander';

/** For commander; names are as the kernel has them, with `_` where the file has `-`. */
export function collectModule(
  value: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const match = /^([A-Za-z0-9_-]+)=(.+)$/.exec(value);
  if (match === null) throw new InvalidArgumentError('it reads NAME=FILE.ko');
  return { ...before, [match[1]!.replaceAll('-', '_')]: match[2]! };
}
