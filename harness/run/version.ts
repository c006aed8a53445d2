import { readFileSync } from 'node:fs';
import path from 'node:path';

/** fathom's own version, from the package.json above this file; dist/ lies one folder deeper than the sources. */
export function version(): string {
  for (let place = import.meta.dirname; place !== path.dirname(place); place = path.dirname(place)) {
    try {
      return (JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
