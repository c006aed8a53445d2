/** What of an observation can be compared between two kernels: outcome, messages, contents. No number that chance gives. */
import type { KernelMessage } from '../../vm/machine.ts';
import { isNoise } from '../observe/noise.ts';
import type { Observation } from '../observe/observation.ts';
import { parseReports } from '../observe/oops/report.ts';

export interface Seen {
  /** `ok`, an errno, or `-` where it was not tried. */
  readonly outcome: string;
  /** Of the kernel log, then of the mount context's own log. */
  readonly messages: readonly string[];
  /** Hash and size of what was read, a listing: as JSON, to be compared as a whole. */
  readonly contents: string;
}

export function seenOf(observation: Observation): Seen {
  const { messages, context, kind, ...rest } = observation;
  return {
    outcome: outcomeOf(observation),
    messages: [...told(messages), ...context.map(withoutChance)],
    // A step that failed or was skipped has its outcome, and no contents.
    contents: kind === 'ok' ? JSON.stringify(rest, leaveOut) : '',
  };
}

function outcomeOf(observation: Observation): string {
  switch (observation.kind) {
    case 'ok':
      return 'ok';
    case 'failed':
      return observation.errno;
    case 'skipped':
      return '-';
  }
  return observation satisfies never;
}

/** Inode and device numbers, and the tracer's table: the stack is compared by itself, over several runs. */
const BY_CHANCE = new Set(['stackTable', 'device', 'inode']);
/** Hold file handles and UUIDs made at run time. */
const CHANCE_ATTRIBUTES = /\.overlay\.(?:origin|upper|uuid)$/;
/** What is built has a time long before this, what is made at run time the time of day. Nanoseconds since 1970. */
const MADE_AT_RUN_TIME = 1_600_000_000_000_000_000n;

function leaveOut(key: string, value: unknown): unknown {
  if (BY_CHANCE.has(key)) return undefined;
  if (CHANCE_ATTRIBUTES.test(key)) return 'set';
  if (key === 'mtimeNs' && typeof value === 'string' && BigInt(value) > MADE_AT_RUN_TIME) return 'run time';
  return value;
}

/** What the filesystems under test say, at any level, and what anyone says at warning level or above. */
const OF_FILESYSTEMS = /^(?:erofs|overlayfs|overlay|eCryptfs|fuse)\b/;

function told(messages: readonly KernelMessage[]): readonly string[] {
  const lines = messages
    .filter(
      ({ level, facility, text }) => facility === 0 && !isNoise(text) && (level <= 4 || OF_FILESYSTEMS.test(text)),
    )
    .map(({ text }) => text);
  // A report of a fault has registers and addresses in it; its title says what it is of.
  const reports = parseReports(lines.join('\n'));
  return lines.flatMap((line, index) => {
    const report = reports.find(({ lines: { from, to } }) => from <= index + 1 && index + 1 <= to);
    if (report === undefined) return [withoutChance(line)];
    return report.lines.from === index + 1 ? [withoutChance(report.title)] : [];
  });
}

/** Devices, node numbers, addresses, UUIDs and process ids as letters. */
export function withoutChance(line: string): string {
  return line
    .replaceAll(/\(device [^)]+\)/g, '(device DEV)')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b0x[0-9a-f]+\b/g, '0xN')
    .replaceAll(/\b[0-9a-f]{16}\b/g, 'ADDRESS')
    .replaceAll(/\bnid \d+/g, 'nid N')
    .replaceAll(/\b(?:loop|dm-)\d+\b|\bvd[a-z]\b/g, 'DEV')
    .replaceAll(/\b(?:pid|PID)[ :]+\d+/g, 'pid N');
}
