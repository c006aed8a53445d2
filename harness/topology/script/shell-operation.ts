/** An operation of a plan as commands of a shell. */
import type { Change, ContentsWay, Operation } from '../../../vm/machine.ts';
import { placed, quoted } from './shell-word.ts';

export type ShellOperation =
  | {
      readonly kind: 'command';
      readonly command: string;
      /** What of it is not as fathom does it. */
      readonly note?: string;
      /** Whether its answer is that of fathom's own call: always, where mount(8) has mount contexts, or never. */
      readonly comparable?: 'by-context' | 'no';
    }
  /** `why`: what a shell lacks for it. `changes`: what comes later would be otherwise had it been done. */
  | { readonly kind: 'cannot'; readonly why: string; readonly changes?: true };

export function shellOperation(operation: Operation): ShellOperation {
  switch (operation.op) {
    case 'mount': {
      const { fstype, source, target, flags, data } = operation;
      const options = [flags.includes('rdonly') ? 'ro' : 'rw', ...flags.filter((flag) => flag !== 'rdonly')];
      return mounting('mount', fstype, source, target, [...options, data]);
    }
    case 'fsmount': {
      const { fstype, target, rdonly, parameters } = operation;
      if (parameters.some(({ kind }) => kind === 'fd'))
        return cannot('mount(8) hands over paths, and no descriptors (FSCONFIG_SET_FD)');
      const source = parameters.find(({ key }) => key === 'source');
      if (source?.kind !== 'string') return cannot('mount(8) always names a source');
      const options = parameters.filter((each) => each !== source).map(spelled);
      return {
        ...mounting('fsopen', fstype, source.value, target, [rdonly ? 'ro' : 'rw', ...options]),
        note: "fathom reads the mount context's own log, which no shell can: mount(8) of util-linux 2.39 and newer makes the same calls and prints a part of it; an older one uses mount(2)",
        comparable: 'by-context',
      };
    }
    case 'umount':
      return command(`umount ${operation.lazy ? '-l ' : ''}${placed(operation.target)}`);
    case 'reconfigure':
      return {
        ...command(
          `mount -o ${placed(['remount', ...operation.parameters.map(spelled)].join(','))} ${placed(operation.target)}`,
        ),
        note: 'fathom uses fspick(2), and so does mount(8) of util-linux 2.39 and newer',
        comparable: 'by-context',
      };
    case 'bind': {
      const { source, target, rdonly, unbindable } = operation;
      const steps = [
        `mount --bind ${placed(source)} ${placed(target)}`,
        ...(rdonly ? [`mount -o remount,bind,ro ${placed(target)}`] : []),
        ...(unbindable ? [`mount --make-unbindable ${placed(target)}`] : []),
      ];
      return command(steps.join(' && '));
    }
    case 'mount-by': {
      const { by, api, fstype, source, target, data } = operation;
      if (by === 'foreign-context') return cannot('a mount context cannot be handed to another process');
      if (api === 'fsopen') return cannot('the parameters of a mount context are not given one by one by mount(8)');
      const options = data === '' ? '' : ` -o ${placed(data)}`;
      return command(
        `unshare --user --map-root-user --mount mount -t ${quoted(fstype)}${options} ${placed(source)} ${placed(target)}`,
      );
    }
    case 'casefold':
      return command(`chattr +F ${placed(operation.path)}`);
    case 'look':
      return command(`ls -d ${placed(operation.path)}`);
    case 'loop': {
      const { name, file, rdonly, directIo } = operation;
      const attached = command(
        `attach ${quoted(name)} ${placed(file)} ${rdonly ? 'ro' : 'rw'} ${directIo ? 'on' : 'off'}`,
      );
      if (!directIo) return attached;
      const note = 'fathom asks for direct I/O by LOOP_CONFIGURE, which may do without it; losetup(8) insists';
      return { ...attached, note, comparable: 'no' };
    }
    case 'loop-detach':
      return command(`losetup -d "$(readlink "$loops/${operation.name}")"`);
    case 'mkdir':
      return command(`mkdir -p ${operation.paths.map(placed).join(' ')}`);
    case 'write-text':
      return command(`printf %s ${quoted(operation.text)} > ${placed(operation.path)}`);
    case 'copy-file':
      return command(`cp ${placed(operation.from)} ${placed(operation.to)}`);
    case 'read':
      return command(`cat ${placed(operation.path)} > "$work/read"`);
    case 'read-by':
      return readingBy(operation.how, placed(operation.path));
    case 'open-write':
      return command(appending(operation.append, placed(operation.path)));
    case 'tree':
      return {
        ...command(`find ${placed(operation.path)} -exec ls -ldn {} +`),
        note: 'fathom compares type, mode, owner, size, time, attributes and contents of every entry with the model; here they are to be looked at',
      };
    case 'change':
      return changing(operation.change);
    case 'sysctl':
      return command(`echo ${quoted(operation.value)} > /proc/sys/${operation.name}`);
    case 'drop-caches':
      return command('sync && echo 3 > /proc/sys/vm/drop_caches');
    case 'exercise':
      if (operation.how !== 'read') return cannot(`a shell has no ${operation.how} of its own`);
      return {
        ...command(`measured_read ${placed(operation.path)}`),
        note: "fathom reads with one read(2) a piece in a process of its own; the table below is cat(1)'s",
      };
    case 'lose-writes':
      return cannot('FS_IOC_SHUTDOWN is an ioctl that no standard program makes', { changes: true });
    case 'fuse':
    case 'fuse-backing':
      return cannot("it takes fathom's FUSE daemon");
    case 'ecryptfs-key':
      return cannot('it takes keyctl and an authentication token');
    case 'fsverity':
      return cannot('it takes fsverity(1) of fsverity-utils', { changes: true });
    case 'verity':
      return cannot('it takes dmsetup or veritysetup');
    case 'shell':
    case 'cgroup':
    case 'counters':
    case 'hog':
    case 'swap':
    case 'sysrq':
    case 'misbehave':
      return cannot('it is part of a measurement, and of no topology');
  }
  return operation satisfies never;
}

function mounting(
  api: 'mount' | 'fsopen',
  fstype: string,
  source: string,
  target: string,
  options: readonly string[],
): Extract<ShellOperation, { kind: 'command' }> {
  const given = options.filter((option) => option !== '').join(',');
  // A file that is to be mounted as it is, which mount(8) would put on a loop device.
  const how = fstype === 'erofs' && !source.startsWith('/run/fathom/loop/') ? 'mount_file' : 'mount_by';
  return command(`${how} ${api} ${quoted(fstype)} ${placed(source)} ${placed(target)} ${placed(given)}`);
}

function spelled(parameter: { readonly key: string; readonly value?: string }): string {
  return parameter.value === undefined ? parameter.key : `${parameter.key}=${parameter.value.replaceAll(',', '\\,')}`;
}

function readingBy(how: ContentsWay, path: string): ShellOperation {
  switch (how) {
    case 'direct':
      return command(`dd if=${path} of="$work/read" iflag=direct bs=64K status=none`);
    case 'exec':
      return command(`${path} > "$work/read"`);
    default:
      return { ...command(`cat ${path} > "$work/read"`), note: `fathom reads by ${how}` };
  }
}

function changing(change: Change): ShellOperation {
  const path = placed(change.path);
  switch (change.how) {
    case 'create':
      return command(
        `printf %s ${quoted(change.text)} | dd of=${path} conv=excl status=none && chmod ${change.mode.toString(8).padStart(4, '0')} ${path}`,
      );
    case 'open-write':
      return command(appending('', path));
    case 'write':
    case 'mmap-write': {
      const written = command(
        `printf %s ${quoted(change.text)} | dd of=${path} bs=1 seek=${change.offset} conv=notrunc,nocreat status=none`,
      );
      return change.how === 'write' ? written : { ...written, note: 'fathom writes through a shared mapping' };
    }
    case 'append':
      return command(appending(change.text, path));
    case 'truncate':
      return command(`truncate -c -s ${change.sizeBytes} ${path}`);
    case 'fallocate': {
      const flag = { allocate: '', 'keep-size': ' -n', 'punch-hole': ' -p', 'zero-range': ' -z' }[change.mode];
      return command(`fallocate${flag} -o ${change.offset} -l ${change.length} ${path}`);
    }
    case 'fsync':
      return command(`sync ${path}`);
    case 'mkdir':
      return command(`mkdir -m ${change.mode.toString(8).padStart(4, '0')} ${path}`);
    case 'rmdir':
      return command(`rmdir ${path}`);
    case 'unlink':
      return command(`unlink ${path}`);
    case 'symlink':
      return command(`ln -s -- ${quoted(change.target)} ${path}`);
    case 'mknod': {
      if (change.type === 'socket') return cannot('mknod(1) makes no sockets', { changes: true });
      const { type, major, minor } = change;
      const device = type === 'fifo' ? 'p' : `${type === 'character' ? 'c' : 'b'} ${major} ${minor}`;
      return command(`mknod -m ${change.mode.toString(8).padStart(4, '0')} ${path} ${device}`);
    }
    case 'link':
      return command(`ln -P ${path} ${placed(change.to)}`);
    case 'rename':
      return cannot('mv(1) copies where rename(2) is refused, and knows no flags', { changes: true });
    case 'copy-file-range':
      return cannot('cp(1) copies in another way where copy_file_range(2) is refused', { changes: true });
    case 'chmod':
      return command(`chmod ${change.mode.toString(8).padStart(4, '0')} ${path}`);
    case 'chown':
      return command(`chown -h ${change.uid}:${change.gid} ${path}`);
    case 'utimensat': {
      const ns = BigInt(change.mtimeNs);
      const seconds = ns / 1_000_000_000n;
      return command(`touch -h -c -m -d @${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')} ${path}`);
    }
    case 'setxattr':
      return command(`setfattr -h -n ${quoted(change.name)} -v 0x${change.value} ${path}`);
    case 'removexattr':
      return command(`setfattr -h -x ${quoted(change.name)} ${path}`);
  }
  return change satisfies never;
}

/** Without O_CREAT, and without waiting for a reader of a FIFO. */
function appending(text: string, path: string): string {
  const from = text === '' ? '' : `printf %s ${quoted(text)} | `;
  const input = text === '' ? 'if=/dev/null ' : '';
  return `${from}dd ${input}of=${path} oflag=append,nonblock conv=notrunc,nocreat status=none`;
}

function command(words: string): Extract<ShellOperation, { kind: 'command' }> {
  return { kind: 'command', command: words };
}

function cannot(why: string, also: { readonly changes?: true } = {}): ShellOperation {
  return { kind: 'cannot', why, ...also };
}
