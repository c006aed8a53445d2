/**
 * A scenario written out as a POSIX shell script that needs no fathom: it makes the disks and images, does the steps of the
 * plan and prints what the kernel answers. What it stands on: mkfs.erofs, the mkfs of its disks, losetup, mount.
 */
import type { FileContentSpec, ScriptExpectation } from './script/expectation.ts';
import type { Scenario } from '../scenario.ts';
import { lower } from './lower.ts';
import { needsOf } from './needs.ts';
import { notationOf } from './notation.ts';
import { CLOSING, FUNCTIONS, OPENING, TELLING } from './script/frame.ts';
import { shellOperation, type ShellOperation } from './script/shell-operation.ts';
import { contentOf, TreeWriter } from './script/shell-tree.ts';
import { comment, quoted } from './script/shell-word.ts';

export type { ScriptExpectation } from './script/expectation.ts';

export interface ScriptOptions {
  /** By step; a step without one is told and not compared. */
  readonly expected: ReadonlyMap<string, ScriptExpectation>;
  /** Whose expectations they are: `6.17.13 (counted)`. */
  readonly of?: string | undefined;
}

/**
 * Exit status of the script: 0 when every step that was compared went as expected, 1 when one did not, 2 when it could
 * not be made. Throws UnsupportedError for a disk or image that no shell can make.
 */
export function scriptOf(scenario: Scenario, { expected, of }: ScriptOptions): string {
  const disks = new TreeWriter();
  needsOf(scenario).disks.forEach((disk, slot) => disks.addDisk(disk, slot));
  const plan = lower(scenario, {
    id: scenario.name,
    device: (index) => `/run/fathom/loop/disk${index}`,
    deadlineMs: 1,
  });
  const steps = new Map(scenario.steps.map((step) => [step.name, step]));
  const numbers = new Map(plan.steps.map(({ id }, index) => [id, index]));
  const body = plan.steps.map(({ id, needs, operation }, number) => {
    const step = steps.get(id);
    const expectation = expected.get(id);
    const needed = needs.map((need) => ` ${numbers.get(need)!}`).join('');
    const shell = shellOperation(operation);
    const words = [
      ...(step?.kind === 'mount' ? [`${notationOf(step.mount)}:`] : []),
      ...(expectation === undefined ? [] : [`${expectation.answer}: ${expectation.why}`]),
      ...(shell.kind === 'command' && shell.note !== undefined ? [`(${shell.note}.)`] : []),
    ].join(' ');
    const answer = answerIn(expectation, shell);
    const head = `step ${number} ${quoted(step === undefined ? '' : id)} ${answer}${needed}`;
    const doing =
      shell.kind === 'cannot'
        ? `${shell.changes === true ? '  changed=no\n' : ''}  tell cannot ${quoted(`a shell cannot: ${shell.why}`)}\n`
        : `  { ${shell.command}${comparison(expectation)}; } > "$work/said" 2>&1\n  answer $?\n`;
    return [
      step === undefined ? comment(id) : `\n${comment(words === '' ? id : words)}`,
      ...(shell.kind === 'cannot' ? [comment(`A shell cannot: ${shell.why}.`)] : []),
      `if ${head}; then\n${doing}fi\n`,
    ].join('');
  });
  const making = disks.lines.map((line) => `${line}\n`).join('');
  return [
    '#!/bin/sh\n',
    comment(`${scenario.name}: ${scenario.shows}`),
    ...(scenario.about.length === 0 ? [] : [comment(`About: ${scenario.about.join(', ')}.`)]),
    comment(
      of === undefined
        ? 'Written by fathom. Prints what the running kernel answers, step by step.'
        : `Written by fathom. Prints what the running kernel answers, step by step, and compares it with what the model predicts of ${of}. Exit status 1 when they differ.`,
    ),
    comment(
      'Needs root, mkfs.erofs, losetup, mount and unshare (util-linux), and mkfs.xfs where a disk is XFS. All is done in a mount namespace of its own and in a temporary directory; nothing stays, also after an error.',
    ),
    OPENING,
    '\n',
    neededBy(making + body.join('')),
    TELLING,
    '\n# Disks and images.\n',
    'set -e\n',
    'trap \'[ $? = 0 ] || { echo "$0: its disks and images cannot be made here" >&2; exit 2; }\' EXIT\n',
    making,
    'trap - EXIT\nset +e\n\n# Steps.\n',
    ...body,
    '\n',
    CLOSING,
  ].join('');
}

/** What is expected, as a word of the shell. */
function answerIn(expectation: ScriptExpectation | undefined, shell: ShellOperation): string {
  const answer = quoted(expectation?.answer ?? '?');
  if (shell.kind === 'cannot' || shell.comparable === undefined || expectation === undefined) return answer;
  return shell.comparable === 'by-context' ? `"$(by_context ${answer})"` : quoted('?');
}

/** The functions that commands use, and those that these use. */
function neededBy(commands: string): string {
  const all = Object.entries(FUNCTIONS);
  const needed = new Set<string>();
  const look = (text: string): void => {
    for (const [name, source] of all)
      if (!needed.has(name) && new RegExp(`\\b${name}\\b`).test(text)) {
        needed.add(name);
        look(source.replaceAll(/^#.*$/gm, ''));
      }
  };
  look(commands);
  return all
    .filter(([name]) => needed.has(name))
    .map(([, source]) => `${source}\n`)
    .join('');
}

/** What a read must return, made anew and compared. */
function comparison(expectation: ScriptExpectation | undefined): string {
  if (expectation?.contents === undefined) return '';
  const { base, edits } = expectation.contents;
  return [
    '',
    `${contentOf(base)} > "$work/wanted"`,
    ...edits.map(edited),
    'cmp "$work/read" "$work/wanted"',
    "echo 'the contents are those that went in'",
  ].join(' &&\n    ');
}

function edited(edit: FileContentSpec['edits'][number]): string {
  const over = (offset: number): string => `dd of="$work/wanted" bs=1 seek=${offset} conv=notrunc 2>/dev/null`;
  switch (edit.kind) {
    case 'write':
      return `printf %s ${quoted(edit.text)} | ${over(edit.offset)}`;
    case 'zeros':
      return `head -c ${edit.length} /dev/zero | ${over(edit.offset)}`;
    case 'xor': {
      const byte = `$(od -A n -t u1 -j ${edit.offset} -N 1 "$work/wanted")`;
      return `printf "\\\\$(printf %03o $(( ${byte} ^ ${edit.xor} )))" | ${over(edit.offset)}`;
    }
    case 'resize':
      return `truncate -s ${edit.sizeBytes} "$work/wanted"`;
  }
  return edit satisfies never;
}
