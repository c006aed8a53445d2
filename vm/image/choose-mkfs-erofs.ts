/** Which mkfs.erofs makes an image: the installed one when it can, else the newest of Debian's that can (vm/tools/). */
import { UnsupportedError } from '../errors.ts';
import { programIdentity, searchPath } from '../programs.ts';
import { newestTool } from '../tools/tools.ts';
import { mkcomposefsIdentity } from './composefs.ts';
import { knownMkfsErofs, checkRelease, checkSupport, type MkfsErofs } from './mkfs-erofs.ts';
import type { Directory, ErofsSpec, ImageSpec } from './spec.ts';
import { walk } from './tree.ts';

export interface ChosenMkfsErofs {
  readonly mkfs: MkfsErofs;
  /** Where it is; undefined for the installed one. */
  readonly file: string | undefined;
  /** What it is, for cache keys. */
  readonly identity: string;
}

/**
 * Throws UnsupportedError naming the first thing in the spec that no mkfs.erofs to be had can do, and why there is no
 * other. `spec.tool` narrows the choice.
 */
export async function chooseMkfsErofs(spec: ErofsSpec, signal: AbortSignal): Promise<ChosenMkfsErofs> {
  let refusal: unknown;
  if (spec.tool !== 'newest') {
    try {
      const installed = await installedMkfsErofs(signal);
      checkSupport(spec, installed.mkfs);
      return installed;
    } catch (error) {
      if (!(error instanceof UnsupportedError) || spec.tool === 'installed') throw error;
      refusal = error;
    }
  }
  try {
    return await newestMkfsErofs(spec, signal);
  } catch (error) {
    if (!(error instanceof UnsupportedError) || !(refusal instanceof UnsupportedError)) throw error;
    throw new UnsupportedError(refusal.missing, {
      message: `${refusal.message}; ${error.message}`,
      ...(refusal.remedy === undefined ? {} : { remedy: refusal.remedy }),
      cause: error,
    });
  }
}

/** What makes the images in a tree, and those in them, each once: for cache keys. */
export async function makersIn(tree: Directory, signal: AbortSignal): Promise<readonly string[]> {
  const images = imagesIn(tree);
  const identities = await Promise.all(
    images.map(async (image) =>
      image.kind === 'composefs' ? mkcomposefsIdentity(signal) : (await chooseMkfsErofs(image, signal)).identity,
    ),
  );
  return [...new Set(identities)];
}

function imagesIn(tree: Directory): readonly ImageSpec[] {
  return walk(tree).flatMap(({ node }) =>
    node.kind === 'image' || node.kind === 'blob' ? [node.image, ...imagesIn(node.image.tree)] : [],
  );
}

const probes = new Map<string, Promise<MkfsErofs>>();

/** The one on the search path. Throws UnsupportedError when there is none. */
export async function installedMkfsErofs(signal: AbortSignal): Promise<ChosenMkfsErofs> {
  const identity = programIdentity('mkfs.erofs');
  return { mkfs: await probe(`${searchPath()} ${identity}`, undefined, identity, signal), file: undefined, identity };
}

async function newestMkfsErofs(spec: ErofsSpec, signal: AbortSignal): Promise<ChosenMkfsErofs> {
  const tool = await newestTool('erofs-utils', {
    signal,
    serves: ({ package: { version } }) => isServed(() => checkRelease(spec, version.replace(/[-+~].*$/, ''))),
  });
  const file = tool.programs.get('mkfs.erofs');
  if (file === undefined) throw new UnsupportedError(`mkfs.erofs in erofs-utils ${tool.version} of ${tool.suite}`);
  const mkfs = await probe(file, file, tool.identity, signal);
  checkSupport(spec, mkfs);
  return { mkfs, file, identity: tool.identity };
}

function isServed(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedError) return false;
    throw error;
  }
}

/** Once for each program. */
async function probe(key: string, file: string | undefined, identity: string, signal: AbortSignal): Promise<MkfsErofs> {
  const known = probes.get(key);
  if (known !== undefined) return known;
  const asked = knownMkfsErofs(file, identity, signal);
  probes.set(key, asked);
  // An abort, or a program that is installed meanwhile, must not stay remembered.
  asked.catch(() => probes.delete(key));
  return asked;
}
