/** A spread over clones as data, in bytes. */
import * as z from 'zod';
import type { Spread } from '../stack/distribution.ts';

const bytes = z.number().int();

export const spread = z.strictObject({ min: bytes, median: bytes, max: bytes });

export function spreadRecord({ min, median, max }: Spread): z.infer<typeof spread> {
  return { min, median, max };
}
