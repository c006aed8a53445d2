/** `fathom report`: recorded evidence as the text of a mail or an issue. */
import { Option, type Command } from 'commander';
import { UnsupportedError, UsageError } from '../../vm/machine.ts';
import { scriptExpectations } from '../judge/script-expectations.ts';
import { PROFILE_NAMES, type ProfileName } from '../model/profile.ts';
import { bugReport, type BugReport } from '../report/bug-report.ts';
import { readBundle } from '../run/bundle.ts';
import { findBundles, replay } from '../run/replay.ts';
import { version } from '../run/version.ts';
import { scriptOf } from '../topology/script.ts';

interface Options {
  readonly profile?: ProfileName | 'recorded';
}

export function register(program: Command): void {
  program
    .command('report')
    .summary('write recorded evidence as the text of a mail or an issue')
    .description(
      'Writes in Markdown: kernel, topology, steps with what was expected and observed, messages, the stack of a crash, and a script that reproduces it.',
    )
    .argument('<bundle>', 'DIR/KERNEL/SCENARIO of `fathom run --output DIR`')
    .addOption(
      new Option('--profile <name>', 'judge by this profile, as `fathom replay` does').choices([
        ...PROFILE_NAMES,
        'recorded',
      ]),
    )
    .addHelpText(
      'after',
      `
Example:
  $ fathom run fedora-coreos-2087 --kernel debian:6.17.13 --output evidence
  $ fathom report evidence/debian-6.17.13/fedora-coreos-2087 > report.md`,
    )
    .action(reportCommand);
}

async function reportCommand(place: string, options: Options): Promise<void> {
  const [directory, ...others] = await findBundles([place]);
  if (directory === undefined || others.length > 0)
    throw new UsageError(
      `${place} holds ${others.length + 1} bundles, and a report is of one: ${directory ?? ''}, say`,
    );
  const bundle = await readBundle(directory);
  const { scenario, recordedAt } = bundle;
  const { kernel, records, behaviours } = replay(bundle, options.profile);
  const expected = scriptExpectations(scenario, behaviours);
  process.stdout.write(
    bugReport({
      fathom: version(),
      recordedAt,
      scenario,
      kernel,
      records,
      script: scriptFor(() => scriptOf(scenario, { expected, of: `${kernel.release} (${kernel.profile})` })),
    }),
  );
}

function scriptFor(write: () => string): BugReport['script'] {
  try {
    return { kind: 'script', text: write() };
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: 'none', why: error.message };
    throw error;
  }
}
