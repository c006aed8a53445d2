import t from 'tap';
import { seenOf, withoutChance } from '../../../harness/diff/what-is-seen.ts';

const message = (text: string, level = 6) => ({ sequence: 1, level, facility: 0, timestampUs: 1, text });

for (const [line, other] of [
  [
    'erofs (device loop3): mounted with root inode @ nid 36.',
    'erofs (device loop4): mounted with root inode @ nid 40.',
  ],
  ['erofs: (device erofs): invalid checksum 0x1234abcd', 'erofs: (device vda): invalid checksum 0xffff0000'],
] as const)
  t.test(`${line}: what chance gives is no difference`, (t) => {
    t.equal(withoutChance(line), withoutChance(other));
    t.end();
  });

t.test('given other words, then they are a difference', (t) => {
  t.not(withoutChance('erofs (device loop3): x'), withoutChance('erofs: (device loop3): x'));
  t.end();
});

t.test('given messages, then those of filesystems and those at warning level count, and noise does not', (t) => {
  const { messages } = seenOf({
    kind: 'ok',
    context: [],
    messages: [
      message('erofs (device loop3): mounted with root inode @ nid 36.'),
      message('XFS (vda): Mounting V5 Filesystem'),
      message('XFS (vda): something is wrong', 4),
      message('clocksource: timekeeping watchdog', 4),
    ],
  });
  t.strictSame(messages, ['erofs (device DEV): mounted with root inode @ nid N.', 'XFS (DEV): something is wrong']);
  t.end();
});

t.test('given listings that differ in inode numbers and times of the run, then they are the same, else not', (t) => {
  const entry = { path: 'a', type: 'file', mode: 0o644, uid: 0, gid: 0, sizeBytes: 1, nlink: 1, xattrs: {} } as const;
  const listed = (inode: string, mtimeNs: string, mode = 0o644) =>
    seenOf({ kind: 'ok', context: [], messages: [], entries: [{ ...entry, device: '0:5', inode, mtimeNs, mode }] })
      .contents;
  t.equal(listed('1', '1764000000000000000'), listed('2', '1764000000000000009'));
  t.not(listed('1', '1577836800000000000'), listed('1', '1764000000000000000'));
  t.not(listed('1', '1764000000000000000'), listed('1', '1764000000000000000', 0o600));
  t.end();
});
