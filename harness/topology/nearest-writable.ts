/** Where an overlay's upper is when nobody says so. */

/**
 * The first writable disk or tmpfs on the way down from `layers`: each layer to its bottom before the next one, what
 * a mount stands on first before its devices and further lowers. Undefined where all bottoms are read-only.
 */
export function nearestWritable<T>(
  layers: readonly T[],
  below: (layer: T) => readonly T[],
  isWritableBottom: (layer: T) => boolean,
  seen = new Set<T>(),
): T | undefined {
  for (const layer of layers) {
    if (seen.has(layer)) continue;
    seen.add(layer);
    if (isWritableBottom(layer)) return layer;
    const found = nearestWritable(below(layer), below, isWritableBottom, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
