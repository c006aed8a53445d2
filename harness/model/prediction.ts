/** What the model says of a step before the kernel is asked. */
import type { FileContent } from '../../vm/machine.ts';
import type { Exercised } from './rules/exercised.ts';
import type { RuleId } from './rules/registry.ts';
import type { ExpectedEntry } from './tree/listing.ts';

export type Prediction =
  | {
      readonly kind: 'ok';
      /** `s_stack_depth` of the new superblock; undefined for steps that make none. No kernel exports it (rule D11). */
      readonly depth?: number | undefined;
      /** Whether a loop device reads directly (rule L6); undefined of other steps, and where the model does not know. */
      readonly directIo?: boolean | undefined;
      /** What a read must return. */
      readonly contents?: Contents | undefined;
      /** What a listing must show. */
      readonly listing?: ExpectedListing | undefined;
      /** What the model does not know of it, without which whatever comes of it is no pass. */
      readonly unknown?: string | undefined;
      /** Why what a read returns follows from nothing; it then returns anything. */
      readonly undetermined?: string | undefined;
      readonly messages: readonly ExpectedMessage[];
      readonly why: string;
      /** What the step shows of which rules. */
      readonly exercised?: Exercised;
    }
  | {
      readonly kind: 'refused';
      readonly errno: string;
      readonly rule: RuleId;
      /** What decides whether this or a later rule speaks, where nothing can know it: a refusal is then no pass. */
      readonly unknown?: string | undefined;
      readonly messages: readonly ExpectedMessage[];
      /** A sentence: which mount breaks which rule, with the depth of each layer. */
      readonly why: string;
      /** What the step shows of which rules. */
      readonly exercised?: Exercised;
    }
  /** It stands on a step that is refused, so it is never tried. */
  | {
      readonly kind: 'unreachable';
      readonly because: string;
      /** Of its set-up, which is made all the same. */
      readonly messages?: readonly ExpectedMessage[] | undefined;
      readonly why: string;
    };

export interface ExpectedListing {
  /** A directory before its entries, names in byte order. */
  readonly entries: readonly ExpectedEntry[];
  /** A directory at the root that plans make for themselves, and of which nothing is asked. */
  readonly besides?: string | undefined;
}

/** A message that the kernel owes, or may owe, for a step. */
export interface ExpectedMessage {
  readonly rule: RuleId;
  /** The kernel log, or the mount context's own log (rule CH2). */
  readonly channel: 'log' | 'context';
  readonly pattern: RegExp;
  /** `possible`: its absence is no disagreement (printed once a boot, say). */
  readonly presence: 'required' | 'possible';
}

/** A file's bytes: what it was built with, and what was done to them since, in order. */
export interface Contents {
  readonly base: FileContent;
  readonly edits: readonly Edit[];
}

export type Edit =
  /** UTF-8 text over what was there; zeros between the end of the file and a later offset. */
  | { readonly kind: 'write'; readonly offset: number; readonly text: string }
  /** Zeros in place of what was there; the size stays. */
  | { readonly kind: 'zeros'; readonly offset: number; readonly length: number }
  /** One byte, with these bits the other way round. */
  | { readonly kind: 'xor'; readonly offset: number; readonly xor: number }
  /** Cut off, or zeros added. */
  | { readonly kind: 'resize'; readonly sizeBytes: number };
