/** From an error to what is said about it and to the exit status (design decision 8). */
import { CommanderError } from 'commander';
import { HarnessError, UnsupportedError, UsageError } from '../../vm/errors.ts';

export interface Failure {
  /** 2 wrong use, 125 nothing can be said of the kernel; 0 where commander's "error" is the help that was asked for. */
  readonly status: 0 | 2 | 125;
  /** For stderr; empty when all has been said. */
  readonly text: string;
}

export function failureOf(error: unknown, options: { readonly stack: boolean }): Failure {
  // commander has printed its own message, with a suggestion.
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? 0 : 2, text: '' };
  const text = explain(error) + (options.stack && error instanceof Error ? `\n${error.stack ?? ''}` : '');
  return { status: error instanceof UsageError ? 2 : 125, text };
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `fathom: ${error.message}`;
  if (error instanceof UnsupportedError)
    return `fathom: unsupported: ${error.message}${error.remedy === undefined ? '' : `\n  ${error.remedy}`}`;
  if (error instanceof HarnessError) return `fathom: ${error.message}${causes(error)}`;
  const message = error instanceof Error ? `${error.name}: ${error.message}${causes(error)}` : String(error);
  return `fathom: ${message}\n  This is a bug in fathom; DEBUG=fathom shows where.`;
}

function causes(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return '';
  // Many a message tells its cause already.
  return `${error.message.includes(cause.message) ? '' : `\n  because: ${cause.message}`}${causes(cause)}`;
}
