/** What of newer versions is in the cache, for `fathom doctor`: nothing is fetched. */
import { askMkfsErofs } from '../image/mkfs-erofs.ts';
import { TOOL_PACKAGES } from '../archive/packages.ts';
import type { ToolPackage } from './tools.ts';
import { toolsInCache } from './tools.ts';

export interface ToolFinding {
  readonly package: ToolPackage;
  /** Debian package version. */
  readonly version: string;
  readonly suite: string;
  /** Of erofs-utils. */
  readonly compressors?: readonly string[];
}

export interface ToolsFinding {
  readonly package: ToolPackage;
  /** Newest first. */
  readonly inCache: readonly ToolFinding[];
}

/** Every package that vm/tools/ can bring. */
export async function examineTools(signal: AbortSignal): Promise<readonly ToolsFinding[]> {
  return Promise.all(
    TOOL_PACKAGES.map(async (name) => {
      const tools = await toolsInCache(name, { signal });
      const inCache = await Promise.all(
        tools.map(async ({ version, suite, programs }) => {
          const mkfs = programs.get('mkfs.erofs');
          const does = mkfs === undefined ? {} : { compressors: (await askMkfsErofs(mkfs, signal)).compressors };
          return { package: name, version, suite, ...does };
        }),
      );
      return { package: name, inCache };
    }),
  );
}
