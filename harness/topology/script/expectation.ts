/** What a script says is to come of a step: made by who knows the model, since this room does not. */
import type { TreeNode } from '../../../vm/machine.ts';

export interface ScriptExpectation {
  /** `ok`, an errno, or `-`: not to be tried, since what it stands on is to be refused. */
  readonly answer: string;
  readonly why: string;
  /** Of a read. */
  readonly contents?: FileContentSpec | undefined;
}

/** What a file was filled with, and what was done to it since. */
export interface FileContentSpec {
  readonly base: Extract<TreeNode, { kind: 'file' }>['content'];
  readonly edits: readonly (
    | { readonly kind: 'write'; readonly offset: number; readonly text: string }
    | { readonly kind: 'zeros'; readonly offset: number; readonly length: number }
    | { readonly kind: 'xor'; readonly offset: number; readonly xor: number }
    | { readonly kind: 'resize'; readonly sizeBytes: number }
  )[];
}
