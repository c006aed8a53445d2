/** Checks a scenario before anything is built, and names the node or step that cannot be meant. */
import { UsageError } from '../../vm/machine.ts';
import type { Scenario, Step } from '../scenario.ts';
import { notationOf } from './notation.ts';
import { isImplicit, lookUp, lookUpFile, mountsNeeded, type FileSource, type LoopDevice, type Mount } from './topology.ts';

/** Throws UsageError with every fault found, a line each. */
export function validateScenario(scenario: Scenario): void {
  const faults = [...faultsOfNames(scenario), ...faultsOfOrder(scenario), ...scenario.steps.flatMap(faultsOfStep)];
  if (faults.length > 0)
    throw new UsageError(`scenario ${scenario.name} cannot be meant:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
}

function faultsOfNames({ name, steps }: Scenario): string[] {
  const faults = /^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)
    ? []
    : [`name "${name}": use lower-case letters, digits, dots and dashes, at most 63`];
  if (steps.length === 0) faults.push('it has no steps');
  const seen = new Set<string>();
  for (const step of steps) {
    if (seen.has(step.name)) faults.push(`step "${step.name}" is there twice`);
    if (step.name === '' || Buffer.byteLength(step.name) > 100 || step.name.startsWith('set-up:'))
      faults.push(`step "${step.name}": a name has 1 to 100 bytes and does not begin with "set-up:"`);
    seen.add(step.name);
  }
  return faults;
}

function faultsOfOrder({ steps }: Scenario): string[] {
  const faults: string[] = [];
  const made = new Set<Mount>();
  for (const step of steps) {
    for (const needed of mountsNeeded(step)) {
      if (!isImplicit(needed) && !made.has(needed))
        faults.push(`step "${step.name}" stands on ${notationOf(needed)}, which no earlier step mounts`);
    }
    if (step.kind === 'mount') {
      if (made.has(step.mount)) faults.push(`step "${step.name}" mounts ${notationOf(step.mount)} a second time`);
      made.add(step.mount);
    }
  }
  return faults;
}

function faultsOfStep(step: Step): string[] {
  const at = (fault: string) => `step "${step.name}": ${fault}`;
  switch (step.kind) {
    case 'mount':
      return faultsOfMount(step.mount).map(at);
    case 'attach':
      return faultsOfFile(step.loop.backing).map(at);
    case 'read':
    case 'write':
      return (lookUp(step.file.on, step.file.path)?.kind === 'file' ? [] : [`${step.file.path} is not a file of ${notationOf(step.file.on)}`]).map(at);
  }
  return step satisfies never;
}

function faultsOfMount(mount: Mount): string[] {
  switch (mount.kind) {
    case 'disk':
    case 'tmpfs':
      return [];
    case 'erofs':
      return [...faultsOfSource(mount.source), ...mount.devices.flatMap(faultsOfFile)];
    case 'overlay':
      return [...mount.lowers, ...mount.dataOnly].flatMap((layer) =>
        layer.path === '' || lookUp(layer.on, layer.path)?.kind === 'directory'
          ? []
          : [`${layer.path} is not a directory of ${notationOf(layer.on)}`],
      );
    case 'fuse':
      return mount.passthrough !== undefined && !Number.isInteger(mount.passthrough.maxStackDepth)
        ? [`max_stack_depth ${mount.passthrough.maxStackDepth} is no whole number`]
        : [];
    case 'ecryptfs':
      return [];
  }
  return mount satisfies never;
}

function faultsOfSource(source: FileSource | LoopDevice): string[] {
  return source.kind === 'loop' ? faultsOfFile(source.backing) : faultsOfFile(source);
}

function faultsOfFile(file: FileSource): string[] {
  if (file.kind === 'missing') return [];
  const place = file.kind === 'copy' ? file.from : file;
  return lookUpFile(file) === undefined ? [`there is no ${place.path} on ${notationOf(place.on)}`] : [];
}
