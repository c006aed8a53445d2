/** `fathom doctor`: what is there, in which version, what is missing and for what, and which accelerator works. */
import type { Command } from 'commander';
import colours from 'picocolors';
import { cacheLimit } from '../../vm/cache.ts';
import type { ArchiveFinding, ProgramFinding, Resources } from '../../vm/host.ts';
import { examineArchive, examinePrograms, examineResources } from '../../vm/host.ts';
import { installedMkfsErofs } from '../../vm/image/choose-mkfs-erofs.ts';
import { installLine } from '../../vm/programs.ts';
import type { ToolsFinding } from '../../vm/tools/examine.ts';
import { examineTools } from '../../vm/tools/examine.ts';
import type { Accelerators } from '../../vm/qemu/accelerator.ts';
import { accelerators } from '../../vm/qemu/accelerator.ts';
import type { Context } from './main.ts';
import { table } from './table.ts';
import { size } from './units.ts';

export interface Health {
  /** All is there that every run needs, and guests run. */
  readonly ready: boolean;
  readonly programs: readonly ProgramFinding[];
  readonly erofsCompressors: readonly string[];
  /** Newer than the machine's own: fetched when an image needs them. */
  readonly tools: readonly ToolsFinding[];
  readonly resources: Resources & { readonly cache: { readonly limit: number } };
  readonly accelerators: Accelerators | { readonly because: string };
  readonly archive: ArchiveFinding;
}

export function register(program: Command, { signal }: Context): void {
  program
    .command('doctor')
    .description('check this machine: programs, accelerators, space, the archive that kernels come from')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Ends with 0 when all is there that every run needs, else with 125. An accelerator works when a guest has run on it.

Example:
  $ fathom doctor`,
    )
    .action(async ({ json }: { json?: true }) => {
      const health = await examine(signal);
      process.stdout.write(json ? `${JSON.stringify({ v: 1, ...health }, null, 2)}\n` : render(health));
      process.exitCode = health.ready ? 0 : 125;
    });
}

async function examine(signal: AbortSignal): Promise<Health> {
  const [programs, compressors, tools, resources, accelerated, archive] = await Promise.all([
    examinePrograms(signal),
    installedMkfsErofs(signal).then(
      ({ mkfs }) => mkfs.compressors,
      () => [],
    ),
    examineTools(signal),
    examineResources(),
    accelerators({ signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      return { because: error instanceof Error ? error.message : String(error) };
    }),
    examineArchive(signal),
  ]);
  const complete = programs.every(({ required, path }) => !required || path !== undefined);
  return {
    ready: complete && 'chosen' in accelerated,
    programs,
    erofsCompressors: compressors,
    tools,
    resources: { ...resources, cache: { ...resources.cache, limit: cacheLimit() } },
    accelerators: accelerated,
    archive,
  };
}

export function render(health: Health): string {
  return [programTable(health), toolTable(health), facts(health), closing(health)].join('\n');
}

function programTable({ programs, erofsCompressors }: Health): string {
  const rows = programs.map(({ name, path, version, neededFor, required }) => {
    const found = path === undefined ? colours.red(required ? 'MISSING' : 'missing') : (version ?? 'there');
    const detail =
      name === 'mkfs.erofs' && path !== undefined ? `; compressors: ${erofsCompressors.join(', ') || 'none'}` : '';
    return [name, found, neededFor + detail];
  });
  return table(['program', 'version', 'needed for'], rows);
}

function toolTable({ tools }: Health): string {
  const rows = tools.flatMap(({ package: name, inCache }) =>
    inCache.length === 0
      ? [[name, 'none yet', "fetched from Debian's archive when it is needed"]]
      : inCache.map(({ version, suite, compressors }) => [
          name,
          version,
          `of ${suite}, in the cache${compressors === undefined ? '' : `; compressors: ${compressors.join(', ')}`}`,
        ]),
  );
  return table(['newer than installed', 'version', ''], rows);
}

function facts({ resources: { cores, memory, cache }, accelerators, archive }: Health): string {
  const rows = [
    ...acceleratorRows(accelerators),
    ['cores', String(cores)],
    ['memory', `${size(memory.total)}, ${size(memory.free)} free`],
    [
      'cache',
      `${cache.directory}, ${size(cache.diskFree)} free on its disk, of which at most ${size(cache.limit)} are taken`,
    ],
    [
      'archive',
      archive.reachable
        ? `answers; mirror from ${archive.mirrorFrom}`
        : `${colours.red('does not answer')}: ${archive.because ?? ''}`,
    ],
  ];
  return table(['machine', ''], rows);
}

function acceleratorRows(found: Health['accelerators']): readonly (readonly string[])[] {
  if (!('chosen' in found)) return [['accelerator', `${colours.red('none')}: ${found.because}`]];
  return (['kvm', 'tcg'] as const).map((name) => {
    const { works, because } = found[name];
    const proof = works ? 'a guest ran on it' : `${colours.yellow('does not work')}: ${because ?? 'no reason given'}`;
    return [
      name,
      found.chosen === name ? `${proof}; chosen, timeouts are scaled by ${found.slowdown.toFixed(1)}` : proof,
    ];
  });
}

function closing({ ready, programs }: Health): string {
  const missing = programs.filter(({ path }) => path === undefined);
  const verdict = ready ? 'Ready.\n' : `${colours.red('Not ready')}: no run can be made.\n`;
  return missing.length === 0 ? verdict : `${verdict}What is missing comes with, as root:\n  ${installLine(missing)}\n`;
}
