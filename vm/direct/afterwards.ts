/** What has become of a machine whose connection was lost: a panic is not to be taken for a fault of the network, nor the other way. */
import { setTimeout as delay } from 'node:timers/promises';
import { HarnessError } from '../errors.ts';
import { consoleTail, deathOf } from '../qemu/crash.ts';
import { say, type Reach } from './reach.ts';

const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

/** What the kernel said last, where the machine keeps it: pstore, as it is or as systemd has put it away, and the journal. */
const LAST_WORDS = `
for file in /sys/fs/pstore/dmesg-* /var/lib/systemd/pstore/*/dmesg* /var/lib/systemd/pstore/dmesg*; do
  [ ! -f "$file" ] || cat "$file"
done
! command -v journalctl >/dev/null || journalctl --dmesg --boot=-1 --lines=400 --output=cat --no-pager 2>/dev/null
`;

/** A machine that panics restarts in seconds, and a large server's firmware takes minutes. */
const PATIENCE_MS = 300_000;
const PAUSE_MS = 3_000;
const ASK_MS = 15_000;

export async function bootId(reach: Reach, signal: AbortSignal): Promise<string> {
  return (await say(reach, BOOT_ID, [], { signal, deadlineMs: ASK_MS })).trim();
}

/** Waits until the machine answers. Throws the HarnessError of the last try when it has not within `patienceMs`. */
export async function untilReached(reach: Reach, signal: AbortSignal, patienceMs: number): Promise<void> {
  const limit = performance.now() + patienceMs;
  for (;;) {
    try {
      await bootId(reach, signal);
      return;
    } catch (error) {
      if (!(error instanceof HarnessError) || performance.now() >= limit) throw error;
    }
    await delay(PAUSE_MS, undefined, { signal });
  }
}

export type Fate =
  | { readonly kind: 'crashed'; readonly title: string; readonly consoleTail: string }
  | { readonly kind: 'lost'; readonly reason: string };

/** @param before the boot's id when the machine was last known to be there; `how`: how the connection ended */
export async function fateOf(
  reach: Reach,
  before: string,
  how: string,
  signal: AbortSignal,
  patienceMs: number = PATIENCE_MS,
): Promise<Fate> {
  const limit = performance.now() + patienceMs;
  for (;;) {
    const now = await bootId(reach, signal).catch((error: unknown) => {
      if (error instanceof HarnessError) return undefined;
      throw error;
    });
    if (now === before)
      return { kind: 'lost', reason: `the connection ended (${how}), and the machine has not restarted: same boot` };
    if (now !== undefined) break;
    if (performance.now() >= limit)
      return {
        kind: 'lost',
        reason: `not reached again for ${Math.round(patienceMs / 1000)} s (${how}): without its console nobody can say whether it crashed or the network is gone`,
      };
    await delay(PAUSE_MS, undefined, { signal });
  }
  const words = await say(reach, LAST_WORDS, [], { signal });
  const death = deathOf(words);
  return death?.kind === 'crash'
    ? { kind: 'crashed', title: death.title, consoleTail: consoleTail(words) }
    : {
        kind: 'lost',
        reason: `the machine has restarted (${how}), and its kernel's last words are neither in pstore nor in its journal`,
      };
}

/** Why an agent could not be started: what became of the machine, or the error itself where nothing became of it. */
export async function whyNotOpened(
  reach: Reach,
  before: string,
  error: HarnessError,
  signal: AbortSignal,
  patienceMs?: number,
): Promise<HarnessError> {
  const now = await bootId(reach, signal).catch(() => undefined);
  if (now === before) return error;
  const fate = await fateOf(reach, before, 'before the plan began', signal, patienceMs);
  return new HarnessError(
    fate.kind === 'crashed'
      ? `${reach.name} crashed before the plan began: ${fate.title}\n${fate.consoleTail}`
      : `${error.message}; ${fate.reason}`,
    { cause: error },
  );
}
