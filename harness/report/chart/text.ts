/** A line of text in the picture. */
import { INK, LIMIT } from './palette.ts';
import { element, escapeXml } from '../xml.ts';

export type Role = 'start' | 'bold' | 'end' | 'over' | 'middle' | 'segment';

/** `over` is of a peak that has no room in its stack. */
export function text(what: string, x: number, y: number, size: number, role: Role, ink = INK): string {
  const anchor = role === 'end' ? 'end' : role === 'middle' || role === 'segment' ? 'middle' : 'start';
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      fill: role === 'over' ? LIMIT : ink,
      ...(anchor === 'start' ? {} : { 'text-anchor': anchor }),
      ...(role === 'bold' || role === 'over' ? { 'font-weight': 'bold' } : {}),
    },
    escapeXml(what),
  );
}
