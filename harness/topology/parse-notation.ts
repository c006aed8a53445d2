/** The notation of mount graphs, read: `ovl(ovl(erofs[file](xfs)))` → a topology. docs/topology.md has the grammar. */
import { fill } from './fill.ts';
import { Cursor, spanOf } from './notation-cursor.ts';
import { eitherOf, suggestion } from './notation-tokens.ts';
import { BACKINGS, MOUNTS } from './notation-words.ts';
import { holderOf, impliedUpper, isWritable, sharing, type Noted } from './noted-mount.ts';
import { readErofsOptions, readFuseOptions, readOverlayOptions, refuseOptions, type Word } from './noted-options.ts';
import type { Mount } from './topology.ts';

/** How many mounts may stand upon each other: more than any kernel's stack bears. */
const HIGHEST = 100;

const A_MOUNT = `a mount: ${eitherOf(MOUNTS)}`;

/**
 * A topology with the standard contents. What is written alike is the same mount; `#2` makes it another. Throws
 * UsageError that shows the place, says what was expected there, and names the word that was probably meant.
 */
export function parseTopology(text: string): Mount {
  return fill(new Parser(text).whole());
}

class Parser {
  readonly #cursor: Cursor;
  readonly #intern = sharing();
  #height = 0;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  whole(): Noted {
    const mount = this.#mount();
    if (this.#cursor.peek().kind !== 'end') this.#cursor.unexpected('the end, for the mount is complete');
    return mount;
  }

  #mount(): Noted {
    const start = this.#cursor.peek();
    if (++this.#height > HIGHEST) this.#cursor.fail(spanOf(start), `more than ${HIGHEST} mounts upon each other`);
    const name = this.#cursor.word(A_MOUNT);
    const mount = this.#named(name);
    this.#height--;
    if (mount !== undefined) return mount;
    const hint = /^overlay(fs)?$/.test(name) ? '; did you mean ovl?' : suggestion(name, MOUNTS);
    return this.#cursor.fail(spanOf(start), `no mount is called ${JSON.stringify(name)}${hint}`, A_MOUNT);
  }

  #named(name: string): Noted | undefined {
    switch (name) {
      case 'ovl':
        return this.#overlay();
      case 'erofs':
        return this.#erofs();
      case 'fuse':
      case 'ecryptfs':
        return this.#over(name);
      default: {
        const backing = BACKINGS.find((filesystem) => filesystem === name);
        if (backing !== undefined) return this.#bottom(name, { kind: 'disk', filesystem: backing });
        return name === 'tmpfs' ? this.#bottom(name, { kind: 'tmpfs' }) : undefined;
      }
    }
  }

  #bottom(name: string, noted: Noted): Noted {
    const number = this.#number();
    refuseOptions(name, this.#options(), this.#cursor.fail);
    if (this.#cursor.at('(')) this.#cursor.unexpected(`the end of ${name}, which stands on no other mount`);
    return this.#intern(number, noted);
  }

  #over(kind: 'fuse' | 'ecryptfs'): Noted {
    const number = this.#number();
    const words = this.#options();
    if (kind === 'ecryptfs') refuseOptions(kind, words, this.#cursor.fail);
    const passthrough = kind === 'fuse' ? readFuseOptions(words, this.#cursor.fail) : undefined;
    this.#cursor.take('(', `( and the mount that ${kind} is over`);
    const over = this.#mount();
    this.#cursor.take(')', ')');
    return this.#intern(number, { kind, over, passthrough });
  }

  #overlay(): Noted {
    const number = this.#number();
    const given = readOverlayOptions(this.#options(), this.#cursor.fail);
    this.#cursor.take('(', '( and the lowers of the overlay, top first');
    const lowers: Noted[] = [];
    const dataOnly: Noted[] = [];
    if (!this.#cursor.at(')') && !this.#cursor.at('::')) {
      do lowers.push(this.#mount());
      while (this.#cursor.skip(','));
    }
    while (this.#cursor.skip('::')) dataOnly.push(this.#mount());
    this.#cursor.take(
      ')',
      dataOnly.length > 0
        ? ':: and one more data-only lower, or )'
        : 'a comma and one more lower, :: and a data-only one, or )',
    );
    const upper =
      given.upper === 'implied'
        ? (impliedUpper([...lowers, ...dataOnly]) ?? this.#intern(1, { kind: 'tmpfs' }))
        : given.upper;
    return this.#intern(number, { kind: 'overlay', lowers, dataOnly, upper, options: given.options });
  }

  #erofs(): Noted {
    const number = this.#number();
    const start = this.#cursor.peek();
    const given = readErofsOptions(this.#options(), spanOf(start), this.#cursor.fail);
    if (!('loop' in given)) {
      if (this.#cursor.at('('))
        this.#cursor.unexpected(`the end of erofs[${given.form}], which stands on a device and no other mount`);
      return this.#intern(number, {
        kind: 'erofs-disk',
        verity: given.form === 'verity',
        compression: given.compression,
      });
    }
    const { form, loop, compression, options } = given;
    this.#cursor.take('(', `( and the mount that holds the image, as in erofs[${form}](xfs)`);
    const on = this.#carrier();
    const device = this.#device(compression !== undefined);
    this.#cursor.take(')', 'a comma and "device on" a mount, or )');
    return this.#intern(number, { kind: 'erofs', on, loop, compression, device, options });
  }

  /** `, device on` a mount, if any. */
  #device(isCompressed: boolean): Noted | undefined {
    if (!this.#cursor.skip(',')) return undefined;
    const start = this.#cursor.peek();
    for (const word of ['device', 'on'])
      if (this.#cursor.peek().text === word) this.#cursor.skipKind('word');
      else
        this.#cursor.unexpected(
          '"device on" and the mount that holds the blob',
          suggestion(this.#cursor.peek().text, [word]),
        );
    if (isCompressed)
      this.#cursor.fail(
        this.#cursor.since(start),
        'a blob device of a compressed image, of which mkfs.erofs stores the chunks as they are',
      );
    const device = this.#carrier();
    if (this.#cursor.at(','))
      this.#cursor.unexpected(') after the blob device: mkfs.erofs makes one at most (--blobdev)');
    return device;
  }

  /** A mount that an image or blob can lie on. */
  #carrier(): Noted {
    const start = this.#cursor.peek();
    const mount = this.#mount();
    if (holderOf(mount) !== undefined || isWritable(mount)) return mount;
    return this.#cursor.fail(
      this.#cursor.since(start),
      'no image can lie on that: it is read-only, and nothing below it is filled when it is built',
    );
  }

  /** Words in square brackets, if any. */
  #options(): readonly Word[] {
    if (!this.#cursor.skip('[')) return [];
    const words: Word[] = [];
    do {
      const start = this.#cursor.peek();
      const key = this.#cursor.word('an option');
      const isUpper = key === 'upper' && this.#cursor.skip('=');
      const mount = isUpper ? this.#mount() : undefined;
      const text = isUpper ? 'upper=' : key + this.#value(key);
      words.push({ text, mount, ...this.#cursor.since(start) });
    } while (this.#cursor.skip(','));
    this.#cursor.take(']', 'a comma and one more option, or ]');
    return words;
  }

  #value(key: string): string {
    if (this.#cursor.skip('=')) return `=${this.#cursor.word(`a value for ${key}`)}`;
    const value = this.#cursor.skipKind('word');
    return value === undefined ? '' : ` ${value}`;
  }

  #number(): number {
    const token = this.#cursor.peek();
    const text = this.#cursor.skipKind('number');
    if (text === undefined) return 1;
    const number = Number(text.slice(1));
    return Number.isSafeInteger(number) && number > 0
      ? number
      : this.#cursor.fail(
          spanOf(token),
          `${text} is no number of a mount`,
          '#2, #3 … for another mount that reads alike',
        );
  }
}
