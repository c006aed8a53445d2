/** A program that a scenario can execute and whose pages come back: it writes its own file to its standard output. */
import { text, type FileContent, type TreeNode } from '../../vm/machine.ts';

/** Four pages, the last of them not whole: the kernel maps it piece by piece. In hexadecimal 0x3039. */
const SIZE_BYTES = 12_345;
const SIZE = '\x39\x30\0\0';

/** The smallest ELF file that x86_64 runs for this, and nothing but ASCII. */
const PROGRAM =
  // e_ident, then type EXEC, machine x86_64, entry 0x400078, program headers at 64.
  '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0' +
  '\x02\0\x3e\0\x01\0\0\0\x78\0\x40\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' +
  '\0\0\0\0\x40\0\x38\0\x01\0\0\0\0\0\0\0' +
  // One PT_LOAD, readable and executable, of the whole file at 0x400000.
  '\x01\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\x40\0\0\0\0\0' +
  `${SIZE}\0\0\0\0${SIZE}\0\0\0\0\0\x10\0\0\0\0\0\0` +
  // write(1, 0x400000, SIZE_BYTES), each register by push and pop.
  `\x6a\x01\x5f\x68\0\0\x40\0\x5e\x68${SIZE}\x5a\x6a\x01\x58\x0f\x05` +
  // exit(0)
  '\x6a\0\x5f\x6a\x3c\x58\x0f\x05';

const CONTENT = PROGRAM.padEnd(SIZE_BYTES, 'The rest of the program is this text. ');

/** A tree's entry. */
export const selfPrinting: TreeNode = text(CONTENT, { mode: 0o755 });

/** Of any other content a read by `exec` would say nothing about the kernel. */
export function isSelfPrinting(content: FileContent): boolean {
  return content.kind === 'text' && content.text === CONTENT;
}
