/** SHA-256 of what a read must return. */
import { createHash } from 'node:crypto';
import { contentOf } from '../../vm/image/content.ts';
import type { Digest } from '../judge/judge.ts';

export const digest: Digest = ({ base, appended }) => {
  const hash = createHash('sha256').update(contentOf(base));
  for (const text of appended) hash.update(text);
  return hash.digest('hex');
};
