/** What works instead of a mount that was refused: the same stack with its images on loop devices (rule D10). */
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import { mount, type Scenario } from '../scenario.ts';
import { notationOf } from '../topology/notation.ts';
import {
  isImplicit,
  mountsUpTo,
  type DirectoryIn,
  type ErofsMount,
  type LoopDevice,
  type Mount,
  type OverlayParameter,
  type UpperSource,
} from '../topology/topology.ts';
import type { Judgement } from './judge.ts';

/** Rules that ask how a file-backed mount stacks; a loop device evades each of them. */
const EVADED_BY_LOOP = new Set(['D3', 'E1', 'E2', 'E4', 'E8', 'E9', 'E10']);

/**
 * A clause for the explanation of a refused step, or undefined when a loop device changes nothing. It says whether the
 * alternative was seen to mount in this run or is only predicted.
 */
export function alternativeTo(
  judgement: Judgement,
  scenario: Scenario,
  judgements: readonly Judgement[],
  behaviours: Behaviours,
): string | undefined {
  const { prediction } = judgement;
  const step = scenario.steps.find(({ name }) => name === judgement.step);
  if (prediction.kind !== 'refused' || !EVADED_BY_LOOP.has(prediction.rule) || step?.kind !== 'mount') return undefined;
  const looped = onLoop(step.mount);
  if (notationOf(looped) === notationOf(step.mount)) return undefined;
  const predicted = predictMount(looped, behaviours);
  if (predicted?.kind !== 'ok') return undefined;
  const seen = scenario.steps.find((other) => other.kind === 'mount' && notationOf(other.mount) === notationOf(looped));
  const observed = judgements.find((other) => other.step === seen?.name)?.observation;
  return observed?.kind === 'ok'
    ? `on a loop device it mounts (seen: ok d${predicted.depth ?? '?'})`
    : `on a loop device it is predicted to mount (d${predicted.depth ?? '?'})`;
}

function predictMount(top: Mount, behaviours: Behaviours) {
  const steps = mountsUpTo(top)
    .filter((each) => !isImplicit(each))
    .map((each, index) => mount(String(index), each));
  return predict({ name: 'alternative', shows: '', about: [], steps }, behaviours).at(-1)?.prediction;
}

/** The same graph with each file-backed erofs on a loop device. Nodes that are shared stay shared. */
function onLoop(mount: Mount, done = new Map<Mount, Mount>()): Mount {
  const known = done.get(mount);
  if (known !== undefined) return known;
  const move = <T extends { readonly on: Mount }>(place: T): T => ({ ...place, on: onLoop(place.on, done) });
  const moveUpper = (upper: UpperSource): UpperSource => ({
    ...move(upper),
    ...(upper.workOn === undefined ? {} : { workOn: onLoop(upper.workOn, done) }),
  });
  const moved = ((): Mount => {
    switch (mount.kind) {
      case 'disk':
      case 'tmpfs':
      case 'machine':
        return mount;
      case 'bind':
        return { ...mount, of: move(mount.of) };
      case 'erofs':
        return {
          ...mount,
          source: loopSource(mount.source, move),
          devices: mount.devices.map((device) => loopSource(device, move)),
        };
      case 'overlay':
        return {
          ...mount,
          lowers: mount.lowers.map(move),
          dataOnly: mount.dataOnly.map(move),
          upper: mount.upper === undefined ? undefined : moveUpper(mount.upper),
          ...(mount.parameters === undefined
            ? {}
            : { parameters: mount.parameters.map((each) => moveParameter(each, move)) }),
        };
      case 'fuse':
      case 'ecryptfs':
        return { ...mount, over: move(mount.over) };
    }
    return mount satisfies never;
  })();
  done.set(mount, moved);
  return moved;
}

function moveParameter(parameter: OverlayParameter, move: (place: DirectoryIn) => DirectoryIn): OverlayParameter {
  switch (parameter.kind) {
    case 'lowerdir':
      return {
        ...parameter,
        pieces: parameter.pieces.map((piece) => (typeof piece === 'string' ? piece : move(piece))),
      };
    case 'layer':
      return { ...parameter, directory: move(parameter.directory) };
    case 'option':
      return parameter;
  }
  return parameter satisfies never;
}

function loopSource(
  source: ErofsMount['source'],
  move: <T extends { readonly on: Mount }>(place: T) => T,
): ErofsMount['source'] {
  return source.kind === 'loop' ? moveLoop(source, move) : { kind: 'loop', backing: move(source), directIo: false };
}

function moveLoop(device: LoopDevice, move: <T extends { readonly on: Mount }>(place: T) => T): LoopDevice {
  const { backing } = device;
  return { ...device, backing: backing.kind === 'loop' ? moveLoop(backing, move) : move(backing) };
}
