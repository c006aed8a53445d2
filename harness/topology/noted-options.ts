/** What stands in the square brackets of a mount. */
import { eitherOf, suggestion, type Span } from './notation-tokens.ts';
import {
  COMPRESSIONS,
  DIRECT_IO,
  EROFS_FORMS,
  EROFS_WORDS,
  OVERLAY_WORDS,
  type NotedErofsOptions,
} from './notation-words.ts';
import type { Noted, NotedCompression } from './noted-mount.ts';
import type { FuseMount, OverlayOptions } from './topology.ts';

/** An option as it was written, its value with it; `upper=` has a mount for it. */
export interface Word extends Span {
  readonly text: string;
  readonly mount: Noted | undefined;
}

export type FailAt = (span: Span, wrong: string, expected?: string) => never;

export interface OverlayWords {
  readonly upper: Noted | undefined | 'implied';
  readonly options: OverlayOptions;
}

export function readOverlayOptions(words: readonly Word[], failAt: FailAt): OverlayWords {
  const known = ['ro', 'upper=', ...OVERLAY_WORDS.keys()];
  let upper: OverlayWords['upper'] = 'implied';
  const meanings: OverlayOptions[] = [];
  for (const word of words) {
    if (word.text === 'ro' || word.mount !== undefined) {
      if (upper !== 'implied') failAt(word, 'the upper is said twice');
      upper = word.mount;
      continue;
    }
    const meaning = overlayMeaning(word.text);
    if (meaning === undefined) unknown(word, 'ovl', known, failAt);
    else meanings.push(once(word, meaning, meanings, failAt));
  }
  return { upper, options: inOrder(meanings, OVERLAY_WORDS) };
}

export type ErofsWords = { readonly compression: NotedCompression | undefined } & (
  | { readonly form: 'disk' | 'verity' }
  | {
      readonly form: 'file' | 'loop';
      readonly loop: { readonly directIo: boolean } | undefined;
      readonly options: NotedErofsOptions;
    }
);

/** `place` is where the brackets are or should be. */
export function readErofsOptions(words: readonly Word[], place: Span, failAt: FailAt): ErofsWords {
  const known = [...EROFS_FORMS, ...COMPRESSIONS, ...EROFS_WORDS.keys()];
  const form = EROFS_FORMS.find((each) => words.some(({ text }) => text === each));
  let forms = 0;
  let compression: NotedCompression | 'none' | undefined;
  let directIo = false;
  const meanings: NotedErofsOptions[] = [];
  for (const word of words) {
    if (word.mount !== undefined) failAt(word, 'erofs is read-only and has no upper', eitherOf(known));
    if (EROFS_FORMS.some((each) => each === word.text)) {
      if (++forms > 1) failAt(word, `one of ${eitherOf(EROFS_FORMS)} is enough`);
      continue;
    }
    const named = compressionOf(word, failAt);
    if (named !== undefined) {
      if (compression !== undefined) failAt(word, 'the compression is said twice');
      compression = named;
      continue;
    }
    const meaning = EROFS_WORDS.get(word.text);
    if (meaning === undefined) return unknown(word, 'erofs', ['none', ...known], failAt);
    if (form === 'disk' || form === 'verity')
      failAt(word, `erofs[${form}] has no mount options`, eitherOf(COMPRESSIONS));
    if (form === 'loop' && word.text === DIRECT_IO) {
      if (directIo) failAt(word, `${DIRECT_IO} is said twice`);
      directIo = true;
    } else meanings.push(once(word, meaning, meanings, failAt));
  }
  const compressed = { compression: compression === 'none' ? undefined : compression };
  if (form === 'disk' || form === 'verity') return { form, ...compressed };
  if (form !== undefined)
    return {
      form,
      ...compressed,
      loop: form === 'loop' ? { directIo } : undefined,
      options: inOrder(meanings, EROFS_WORDS),
    };
  return failAt(
    place,
    'erofs without its source',
    'erofs[file](…) for an image mounted from a file, erofs[loop](…) for one on a loop device, erofs[disk] or erofs[verity]',
  );
}

export function readFuseOptions(words: readonly Word[], failAt: FailAt): FuseMount['passthrough'] {
  const known = ['passthrough 1', 'passthrough 2', 'writeback_cache'];
  let maxStackDepth: number | undefined;
  let writebackCache = false;
  for (const word of words) {
    const depth = /^passthrough (\d{1,9})$/.exec(word.text)?.[1];
    if (word.mount !== undefined || (depth === undefined && word.text !== 'writeback_cache'))
      unknown(word, 'fuse', known, failAt);
    if (depth === undefined ? writebackCache : maxStackDepth !== undefined) failAt(word, 'this is said twice');
    if (depth === undefined) writebackCache = true;
    else maxStackDepth = Number(depth);
  }
  if (maxStackDepth !== undefined) return { maxStackDepth, writebackCache };
  const [first] = words;
  return first === undefined
    ? undefined
    : failAt(first, 'writeback_cache without passthrough', 'passthrough and a depth');
}

export function refuseOptions(mount: string, words: readonly Word[], failAt: FailAt): void {
  const [first] = words;
  if (first !== undefined) failAt(first, `${mount} has no options`);
}

function compressionOf(word: Word, failAt: FailAt): NotedCompression | 'none' | undefined {
  if (word.text === 'none') return 'none';
  const [name, level] = word.text.split('=');
  const algorithm = COMPRESSIONS.find((each) => each === name);
  if (algorithm === undefined) return undefined;
  if (level === undefined) return { algorithm };
  return /^\d{1,3}$/.test(level)
    ? { algorithm, level: Number(level) }
    : failAt(word, `${level} is no level of ${algorithm}`, `a number, as in ${algorithm}=9`);
}

/** `metacopy` is `metacopy=on`. */
function overlayMeaning(text: string): OverlayOptions | undefined {
  const found = OVERLAY_WORDS.get(text.replace(/=on$/, ''));
  return text.endsWith('=on') && found !== undefined && !Object.values(found).includes('on') ? undefined : found;
}

function once<Options extends object>(
  word: Word,
  meaning: Options,
  before: readonly Options[],
  failAt: FailAt,
): Options {
  const said = new Set(before.flatMap((each) => Object.keys(each)));
  const again = Object.keys(meaning).find((key) => said.has(key));
  return again === undefined ? meaning : failAt(word, `${again} is said twice`);
}

/** The order in which options are written makes no other mount. */
function inOrder<Options extends object>(meanings: readonly Options[], words: ReadonlyMap<string, Options>): Options {
  const inVocabulary = [...words.values()].filter((meaning) => meanings.includes(meaning));
  return Object.assign({}, ...inVocabulary) as Options;
}

function unknown(word: Word, mount: string, known: readonly string[], failAt: FailAt): never {
  return failAt(
    word,
    `${mount} has no option ${JSON.stringify(word.text)}${suggestion(word.text, known)}`,
    eitherOf(known),
  );
}
