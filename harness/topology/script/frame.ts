/** What every script begins and ends with. POSIX shell; `local` and arrays are not used. */

/**
 * Before anything is made: root, a place to work, a mount namespace of its own. One process makes the place, waits and
 * takes it away again; the other mounts. However that one ends, its mounts end with its namespace.
 */
export const OPENING = `set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/sbin

clean_up() {
  trap - EXIT INT TERM HUP
  if [ -n "$inner" ]; then
    kill "$inner" 2>/dev/null
    wait "$inner"
  fi
  # A loop device on a loop device goes first.
  for _ in 1 2; do
    for link in "$FATHOM_WORK"/loops/*; do
      [ ! -L "$link" ] || losetup -d "$(readlink "$link")" 2>/dev/null
    done
  done
  # Where a mount is still on its way out, the device goes after it.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    losetup --list --noheadings --output BACK-FILE | grep -qF "$FATHOM_WORK" || break
    sleep 0.5
  done
  rm -rf "$FATHOM_WORK"
}

if [ -z "\${FATHOM_WORK:-}" ]; then
  [ "$(id -u)" = 0 ] || { echo "$0: it mounts, and so has to run as root" >&2; exit 2; }
  FATHOM_WORK=$(mktemp -d "\${TMPDIR:-/tmp}/fathom.XXXXXX") || exit 2
  export FATHOM_WORK
  inner=
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  unshare --mount --propagation private /bin/sh "$0" "$@" &
  inner=$!
  wait "$inner"
  status=$?
  inner=
  exit $status
fi

work=$FATHOM_WORK
root=$work/root loops=$work/loops filling=$work/filling
mkdir "$root" "$loops" "$filling" || exit 2
`;

/** Each function that some script needs, by its name; what it needs itself comes before it. */
export const FUNCTIONS = {
  seeded: `# seeded SEED SIZE: the same bytes each time. (fathom's own are a cipher's, and compress less.)
seeded() {
  yes "$1" | head -c "$2"
}
`,
  attach: `# attach NAME FILE ro|rw DIRECT-IO: a loop device, found as $loops/NAME
attach() {
  set -- "$1" "$2" "$3" "$4" "$(readlink -f "$2")"
  if [ "$3" = ro ]; then
    device=$(losetup --find --show --read-only --direct-io="$4" "$5") || return
  else
    device=$(losetup --find --show --direct-io="$4" "$5") || return
  fi
  ln -s "$device" "$loops/$1"
}
`,
  attach_disk: `attach_disk() {
  attach "disk$1" "$work/disk$1" rw off
}
`,
  mount_by: `# mount_by mount|fsopen TYPE SOURCE TARGET OPTIONS
mount_by() {
  case $1 in
    mount) LIBMOUNT_FORCE_MOUNT2=always ;;
    fsopen) LIBMOUNT_FORCE_MOUNT2=never ;;
  esac
  export LIBMOUNT_FORCE_MOUNT2
  case ,$5, in
    # Otherwise a refusal (EROFS, EACCES) is tried again read-only.
    *,rw,*) mount --read-write -t "$2" -o "$5" "$3" "$4" ;;
    *) mount -t "$2" -o "$5" "$3" "$4" ;;
  esac
}
`,
  mount_version: `# mount_version: of util-linux, 2039 for 2.39
mount_version() {
  version=$(mount --version | sed -n 's/.*util-linux \\([0-9]*\\)\\.\\([0-9]*\\).*/\\1 * 1000 + \\2/p')
  echo "$((\${version:-0}))"
}
`,
  mount_file: `# mount_file: the same with a regular file, which mount(8) would put on a loop device of its own. Since util-linux 2.39
# it can be told not to; before that perl, which is part of every Debian, makes the system call.
mount_file() {
  if [ "$(mount_version)" -ge 2039 ]; then
    mount_by "$1" "$2" "$3" "$4" "$5,X-mount.noloop"
  else
    case $(uname -m) in
      x86_64) call=165 ;;
      aarch64 | riscv64) call=40 ;;
      armv*) call=21 ;;
      *) echo "mount: $4: needs util-linux 2.39 here: Function not implemented"; return 1 ;;
    esac
    perl -e '
      my ($call, $type, $source, $target, $options) = @ARGV;
      my @options = grep { $_ ne "rw" } split /,/, $options;
      my $flags = (grep { $_ eq "ro" } @options) ? 1 : 0;
      my $data = join ",", grep { $_ ne "ro" } @options;
      exit 0 if syscall($call + 0, $source, $target, $type, $flags, $data) != -1;
      print STDERR "mount: $target: mount(2) system call failed: $!.\\n";
      exit 32;' "$call" "$2" "$3" "$4" "$5"
  fi
}
`,
  by_context: `# by_context EXPECTED: what is expected where mount(8) mounts through a context, which it does since util-linux 2.39.
by_context() {
  if [ "$(mount_version)" -ge 2039 ]; then echo "$1"; else echo '?'; fi
}
`,
  measured_read: `# measured_read FILE: how deep the kernel stack went, where its tracer is to be had
measured_read() {
  tracing=/sys/kernel/tracing
  if [ -e $tracing/stack_trace ] || mount -t tracefs tracefs $tracing 2>/dev/null; then
    echo 1 > /proc/sys/kernel/stack_tracer_enabled
    echo 0 > $tracing/stack_max_size
  fi
  cat "$1" > /dev/null || return
  if [ -e $tracing/stack_trace ]; then cat $tracing/stack_trace; fi
}
`,
} as const;

/** How steps are told and answered; \`$work/said\` is what the step's commands have printed. */
export const TELLING = `as_expected=0 not_as_expected=0 not_compared=0
# Until a step that changes something could not be done: then what follows is not compared.
changed=yes

# errno_of TEXT: what a program's words stand for; mount(8) has words of its own for some.
errno_of() {
  case $1 in
    *' differ: '* | *'EOF on '*) echo 'other contents' ;;
    *'Invalid argument'* | *'wrong fs type, bad option'*) echo EINVAL ;;
    *'Block device required'* | *'is not a block device'*) echo ENOTBLK ;;
    *'Too many levels of symbolic links'*) echo ELOOP ;;
    *'Structure needs cleaning'*) echo EUCLEAN ;;
    *'Bad message'*) echo EBADMSG ;;
    *'Input/output error'* | *"can't read superblock"*) echo EIO ;;
    *'Bad file descriptor'*) echo EBADF ;;
    *'Read-only file system'* | *'is write-protected but'* | *'cannot mount '*' read-only'*) echo EROFS ;;
    *'Stale file handle'*) echo ESTALE ;;
    *'No such device or address'*) echo ENXIO ;;
    *'No such device'* | *'unknown filesystem type'*) echo ENODEV ;;
    *'No such file or directory'* | *' does not exist'* | *' nonexistent'*) echo ENOENT ;;
    *'Not a directory'* | *' is not a directory'*) echo ENOTDIR ;;
    *'Is a directory'*) echo EISDIR ;;
    *'Operation not supported'*) echo EOPNOTSUPP ;;
    # With a small letter it is mount(8)'s word for EPERM.
    *'Operation not permitted'* | *': permission denied.'* | *'hard link not allowed'*) echo EPERM ;;
    *'Permission denied'*) echo EACCES ;;
    *'Device or resource busy'* | *'already mounted'* | *'mount point busy'* | *'target is busy'*) echo EBUSY ;;
    *'File exists'* | *'cannot overwrite existing file'*) echo EEXIST ;;
    *'Directory not empty'*) echo ENOTEMPTY ;;
    *'Invalid cross-device link'*) echo EXDEV ;;
    *'File name too long'*) echo ENAMETOOLONG ;;
    *'No data available'* | *'No such attribute'*) echo ENODATA ;;
    *'No space left on device'*) echo ENOSPC ;;
    *'Cannot allocate memory'*) echo ENOMEM ;;
    *'Numerical result out of range'*) echo ERANGE ;;
    *'Value too large for defined data type'*) echo EOVERFLOW ;;
    *'Function not implemented'*) echo ENOSYS ;;
    *) echo 'an error' ;;
  esac
}

# step NUMBER NAME EXPECTED NEEDED-NUMBER...: whether it can be tried. EXPECTED is ok, an errno, - (not to be tried) or ?
step() {
  number=$1 name=$2 expected=$3
  shift 3
  [ -z "$name" ] || printf '%s. %s\\n' "$number" "$name"
  for needed in "$@"; do
    read -r state < "$work/state.$needed"
    if [ "$state" != ok ]; then
      [ "$state" = cannot ] || state=-
      tell "$state" 'not tried: what it stands on is not there'
      return 1
    fi
  done
  [ ! -w /dev/kmsg ] || echo "fathom script $$: step $number" > /dev/kmsg
}

# answer STATUS: what came of it
answer() {
  if [ "$1" = 0 ]; then answer=ok; else answer=$(errno_of "$(cat "$work/said")"); fi
  tell "$answer" ''
}

# tell ANSWER TEXT
tell() {
  printf '%s\\n' "$1" > "$work/state.$number"
  if [ -z "$name" ]; then
    # A set-up speaks when it fails.
    [ "$1" = ok ] || [ -n "$2" ] || { printf 'set-up %s: %s\\n' "$number" "$1"; sed 's/^/   /' "$work/said"; }
    return
  fi
  if [ -n "$2" ]; then
    printf '   %s\\n' "$2"
  else
    sed 's/^/   /' "$work/said"
    dmesg | sed "1,/fathom script $$: step $number\\$/d; s/^/   kernel: /"
  fi
  if [ "$expected" = '?' ] || [ "$1" = cannot ] || [ $changed = no ]; then
    not_compared=$((not_compared + 1))
    printf '   => %s\\n' "$1"
  elif [ "$1" = "$expected" ]; then
    as_expected=$((as_expected + 1))
    printf '   => %s, as expected\\n' "$1"
  else
    not_as_expected=$((not_as_expected + 1))
    printf '   => %s, and expected was %s\\n' "$1" "$expected"
  fi
}
`;

export const CLOSING = `printf '\\n%s: %s steps as expected, %s not, %s not compared\\n' "$(uname -r)" \\
  "$as_expected" "$not_as_expected" "$not_compared"
[ "$not_as_expected" = 0 ]
`;
