import t from 'tap';
import { sizeOf } from '../../../harness/model/tree/contents.ts';
import type { Contents, Edit } from '../../../harness/model/prediction.ts';
import { bytesOf } from '../../../harness/run/digest.ts';

const CASES: readonly (readonly [title: string, edits: readonly Edit[], bytes: string])[] = [
  ['given no edits, then what it was built with', [], 'abc'],
  ['given a write inside, then it replaces what was there', [{ kind: 'write', offset: 1, text: 'X' }], 'aXc'],
  ['given a write across the end, then the file grows', [{ kind: 'write', offset: 2, text: 'XY' }], 'abXY'],
  ['given a write behind the end, then zeros lie between', [{ kind: 'write', offset: 4, text: 'X' }], 'abc\0X'],
  ['given zeros, then the size stays', [{ kind: 'zeros', offset: 1, length: 10 }], 'a\0\0'],
  ['given zeros behind the end, then nothing happens', [{ kind: 'zeros', offset: 5, length: 1 }], 'abc'],
  ['given a byte with bits turned round, then it is that byte alone', [{ kind: 'xor', offset: 1, xor: 3 }], 'aac'],
  ['given it is cut off, then the rest is gone', [{ kind: 'resize', sizeBytes: 1 }], 'a'],
  [
    'given it is cut and extended, then zeros are added',
    [
      { kind: 'resize', sizeBytes: 1 },
      { kind: 'resize', sizeBytes: 3 },
    ],
    'a\0\0',
  ],
  ['given a write of letters of two bytes, then bytes count', [{ kind: 'write', offset: 0, text: 'é' }], 'éc'],
];

for (const [title, edits, bytes] of CASES)
  t.test(title, (t) => {
    const contents: Contents = { base: { kind: 'text', text: 'abc' }, edits };
    t.equal(bytesOf(contents).toString('utf8'), bytes);
    t.equal(sizeOf(contents), Buffer.byteLength(bytes), 'the model counts the same size');
    t.end();
  });
