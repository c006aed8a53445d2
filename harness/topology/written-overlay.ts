/** Builders for overlays as they are written: parameter by parameter, whether the kernel will take them or not. */
import {
  directoriesOf,
  type DirectoryIn,
  type LowerPiece,
  type Mount,
  type OverlayMount,
  type OverlayParameter,
} from './topology.ts';

type Layer = Mount | DirectoryIn;

/** An overlay with these parameters, in this order. */
export function writtenOverlay(...parameters: readonly OverlayParameter[]): OverlayMount {
  const upper = parameters.flatMap(keyed('upperdir')).at(-1);
  const work = parameters.flatMap(keyed('workdir')).at(-1);
  const data = new Set(parameters.flatMap(dataOnlyOf));
  const lowers = parameters
    .filter((parameter) => parameter.kind === 'lowerdir' || (parameter.kind === 'layer' && parameter.key.endsWith('+')))
    .flatMap(directoriesOf);
  return {
    kind: 'overlay',
    lowers: lowers.filter((directory) => !data.has(directory)),
    dataOnly: lowers.filter((directory) => data.has(directory)),
    upper:
      upper === undefined
        ? undefined
        : {
            on: upper.on,
            upperdir: upper.path,
            ...(work === undefined ? { withoutWork: true } : { workOn: work.on, workdir: work.path }),
          },
    options: Object.fromEntries(
      parameters.flatMap((parameter) =>
        parameter.kind === 'option' && parameter.value !== undefined ? [[parameter.key, parameter.value]] : [],
      ),
    ),
    parameters,
  };
}

/** `lowerdir=`: directories, and the colons between them. */
export function lowerdir(...pieces: readonly (Layer | Extract<LowerPiece, string>)[]): OverlayParameter {
  return { kind: 'lowerdir', pieces: pieces.map((piece) => (typeof piece === 'string' ? piece : directoryOf(piece))) };
}

type As = Extract<OverlayParameter, { kind: 'layer' }>['as'];

export function lowerdirPlus(layer: Layer, as: As = 'path'): OverlayParameter {
  return { kind: 'layer', key: 'lowerdir+', directory: directoryOf(layer), as };
}

export function datadirPlus(layer: Layer, as: As = 'path'): OverlayParameter {
  return { kind: 'layer', key: 'datadir+', directory: directoryOf(layer), as };
}

export function upperdir(layer: Layer, as: As = 'path'): OverlayParameter {
  return { kind: 'layer', key: 'upperdir', directory: directoryOf(layer), as };
}

export function workdir(layer: Layer, as: As = 'path'): OverlayParameter {
  return { kind: 'layer', key: 'workdir', directory: directoryOf(layer), as };
}

export function option(key: string, value?: string): OverlayParameter {
  return { kind: 'option', key, value };
}

function directoryOf(layer: Layer): DirectoryIn {
  return 'on' in layer ? layer : { on: layer, path: '' };
}

function keyed(key: 'upperdir' | 'workdir') {
  return (parameter: OverlayParameter): readonly DirectoryIn[] =>
    parameter.kind === 'layer' && parameter.key === key ? [parameter.directory] : [];
}

/** What stands behind `::`, or is a `datadir+`. */
function dataOnlyOf(parameter: OverlayParameter): readonly DirectoryIn[] {
  if (parameter.kind === 'layer') return parameter.key === 'datadir+' ? [parameter.directory] : [];
  if (parameter.kind === 'option') return [];
  const first = parameter.pieces.indexOf('::');
  return first < 0 ? [] : parameter.pieces.slice(first).filter((piece) => typeof piece !== 'string');
}
