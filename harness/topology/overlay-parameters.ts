/** What an overlay mount hands to the kernel, parameter by parameter: for the plan and for the model alike. */
import type { DirectoryIn, LowerPiece, OverlayMount, OverlayParameter, UpperSource } from './topology.ts';

/** `own`: path of the upperdir or workdir that is this overlay's alone. */
export function overlayParameters(
  mount: OverlayMount,
  own: (kind: 'upper' | 'work') => string,
): readonly OverlayParameter[] {
  if (mount.parameters !== undefined) return mount.parameters;
  const pieces = piecesOf(mount);
  return [
    ...(pieces.length === 0 ? [] : [{ kind: 'lowerdir', pieces } as const]),
    ...(mount.upper === undefined ? [] : upperParameters(mount.upper, own)),
    ...Object.entries(mount.options as Readonly<Record<string, string | boolean>>).map(([key, value]) => ({
      kind: 'option' as const,
      ...(typeof value === 'string' ? { key, value } : { key: value ? key : `no${key}` }),
    })),
  ];
}

function piecesOf({ lowers, dataOnly }: OverlayMount): readonly LowerPiece[] {
  const merged = lowers.flatMap((lower, index) => (index === 0 ? [lower] : [':' as const, lower]));
  return [...merged, ...dataOnly.flatMap((layer) => ['::' as const, layer])];
}

function upperParameters(upper: UpperSource, own: (kind: 'upper' | 'work') => string): readonly OverlayParameter[] {
  const { on, workOn = on, withoutWork = false } = upper;
  const layer = (key: 'upperdir' | 'workdir', place: DirectoryIn): OverlayParameter => ({
    kind: 'layer',
    key,
    directory: { ...place, made: 'plain' },
    as: 'path',
  });
  return [
    layer('upperdir', { on, path: upper.upperdir ?? own('upper') }),
    ...(withoutWork ? [] : [layer('workdir', { on: workOn, path: upper.workdir ?? own('work') })]),
  ];
}
