/** What can be done to a mounted tree while the stack tracer looks on. */
import { UsageError, type Operation } from '../../vm/machine.ts';
import { BIG, DIRECTORY, EXECUTABLE, LINK, SMALL, XATTR } from '../topology/standard-content.ts';

export type Exercise = Extract<Operation, { op: 'exercise' }>;

export interface MeasuredOperation {
  readonly name: string;
  readonly kind: 'read' | 'copy-up' | 'stress';
  /** The agent's word for it. */
  readonly how: Exercise['how'];
  /** Relative to the root of the mount measured; a new name for what makes one. */
  readonly path: string;
  readonly to?: string;
  readonly processes: number;
  /** Calls, or for a stress operations a process. */
  readonly count: number;
  /** Changes the tree: the mount has to be writable. */
  readonly writes: boolean;
  /** What a kernel may rightly say to it on stacked filesystems; any other errno is no refusal. */
  readonly refusals: readonly string[];
  /** For `--help` and the docs. */
  readonly about: string;
}

export const OPERATIONS: readonly MeasuredOperation[] = [
  read('read', BIG, 'read(2) of a whole file'),
  read('pread', BIG, 'pread(2)'),
  read('readv', BIG, 'readv(2)'),
  read('mmap', BIG, 'page faults in a read-only mapping'),
  read('sendfile', BIG, 'sendfile(2)'),
  read('splice', BIG, 'splice(2) into a pipe'),
  {
    ...read('copy_file_range', BIG, 'copy_file_range(2) to a new file of the same mount', 'copy'),
    writes: true,
    // The layers are filesystems of their own.
    refusals: ['EXDEV'],
  },
  { ...read('direct', BIG, 'read(2) with O_DIRECT'), refusals: ['EINVAL'] },
  read('readahead', BIG, 'readahead(2)'),
  read('getdents', DIRECTORY, 'listing a directory of 200 entries'),
  read('readlink', LINK, 'readlink(2)'),
  { ...read('getxattr', XATTR, 'getxattr(2) of all attributes'), refusals: ['EOPNOTSUPP'] },
  read('exec', EXECUTABLE, 'execve(2) of a file'),
  copyUp('copy-up', 'open-write', BIG, 'open(2) for writing: the whole file is copied up'),
  copyUp('copy-up-truncate', 'truncate', BIG, 'truncate(2)'),
  copyUp('copy-up-chmod', 'chmod', BIG, 'chmod(2): metadata only with metacopy=on'),
  copyUp('copy-up-chown', 'chown', BIG, 'chown(2)'),
  copyUp('copy-up-utimensat', 'utimensat', BIG, 'utimensat(2)'),
  { ...copyUp('copy-up-setxattr', 'setxattr', BIG, 'setxattr(2)'), refusals: ['EOPNOTSUPP'] },
  copyUp('copy-up-link', 'link', BIG, 'link(2)', 'linked'),
  copyUp('copy-up-rename', 'rename', BIG, 'rename(2)', 'renamed'),
  copyUp('copy-up-mmap', 'mmap-write', BIG, 'a shared writable mapping, each page written'),
  copyUp('copy-up-directory', 'chmod', DIRECTORY, 'chmod(2) of a directory'),
  copyUp('copy-up-small', 'open-write', SMALL, 'open(2) for writing of a small file'),
  {
    name: 'churn',
    kind: 'stress',
    how: 'churn',
    path: '',
    processes: 4,
    count: 300,
    writes: true,
    refusals: [],
    about: 'changes of all kinds at random, in the manner of fsstress',
  },
  {
    name: 'rostress',
    kind: 'stress',
    how: 'rostress',
    path: '',
    processes: 4,
    count: 300,
    writes: false,
    refusals: [],
    about: 'reads of all kinds at random by several processes',
  },
];

function read(how: Exercise['how'], path: string, about: string, to?: string): MeasuredOperation {
  return {
    name: how,
    kind: 'read',
    how,
    path,
    processes: 1,
    count: 1,
    writes: false,
    refusals: [],
    about,
    ...(to === undefined ? {} : { to }),
  };
}

function copyUp(name: string, how: Exercise['how'], path: string, about: string, to?: string): MeasuredOperation {
  return {
    name,
    kind: 'copy-up',
    how,
    path,
    processes: 1,
    count: 1,
    writes: true,
    refusals: [],
    about,
    ...(to === undefined ? {} : { to }),
  };
}

/** Throws UsageError for a name that is none. */
export function operationNamed(name: string): MeasuredOperation {
  const found = OPERATIONS.find((one) => one.name === name);
  if (found === undefined)
    throw new UsageError(`there is no operation "${name}"; there are: ${OPERATIONS.map((one) => one.name).join(', ')}`);
  return found;
}
