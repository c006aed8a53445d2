/** Lines of a call trace. */

/** A function on a stack. */
export interface Frame {
  readonly function: string;
  /** Bytes into the function. */
  readonly offset: number;
  /** Bytes that the function has. */
  readonly size: number;
  /** Undefined for built-in code. */
  readonly module: string | undefined;
  /** False where the unwinder found the address on the stack and could not place it (`?`). */
  readonly reliable: boolean;
  /** Within an interrupt, an NMI or an exception's own stack. */
  readonly inInterrupt: boolean;
}

/** `func+0x1/0x2 [module]`; before 4.x with the address in brackets, with what decode_stacktrace.sh adds at its end. */
const LOCATION = /([A-Za-z_$.][\w$.]{0,255})\+0x([\da-f]{1,8})\/0x([\da-f]{1,8})(?: \[([\w-]{1,64})[^\]]{0,80}\])?/;
const FRAME = new RegExp(
  `^ {0,8}(?:\\[ {0,12}\\d{1,10}\\.\\d{1,9}\\])? {0,8}(?:\\[<[\\da-f]{8,16}>\\] {0,4})?(\\? {1,4})?(?:\\(?)${LOCATION.source}`,
);
/** 32-bit arm: `[<c0012345>] (func) from [<c0054321>] (caller+0x1/0x2)`, since 5.17 ` func from caller+0x1/0x2`. */
const ARM_FRAME = new RegExp(
  `^ {0,8}(?:\\[<[\\da-f]{8}>\\] {0,2})?\\(?[\\w$.]{1,256}(?:\\+0x\\S{1,24})?\\)? from (?:\\[<[\\da-f]{8}>\\] {0,2})?\\(?${LOCATION.source}`,
);
const MARK = /^ {0,8}<(\/?)([#A-Z][\w#-]{0,15})>/;

export type TraceLine =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** `<TASK>`, `</IRQ>`. */
  | { readonly kind: 'mark'; readonly name: string; readonly closes: boolean }
  | { readonly kind: 'other' };

/** What a line of a call trace says. */
export function traceLine(text: string, inInterrupt: boolean): TraceLine {
  const mark = MARK.exec(text);
  if (mark !== null) return { kind: 'mark', name: mark[2]!, closes: mark[1] === '/' };
  const found = FRAME.exec(text);
  if (found !== null) return { kind: 'frame', frame: frameOf(found.slice(2), found[1] === undefined, inInterrupt) };
  const arm = ARM_FRAME.exec(text);
  if (arm !== null) return { kind: 'frame', frame: frameOf(arm.slice(1), true, inInterrupt) };
  return { kind: 'other' };
}

/** The first location in a text: of `RIP: 0010:func+0x1/0x2 [module]` and the like. */
export function locationIn(text: string): Frame | undefined {
  const found = LOCATION.exec(text);
  return found === null ? undefined : frameOf(found.slice(1), true, false);
}

function frameOf(groups: readonly (string | undefined)[], reliable: boolean, inInterrupt: boolean): Frame {
  const [name = '', offset = '', size = '', module] = groups;
  return {
    function: name,
    offset: Number.parseInt(offset, 16),
    size: Number.parseInt(size, 16),
    module,
    reliable,
    inInterrupt,
  };
}
