/** Work that is done once, and kept on disk within a limit. */
export type { CacheRequest } from './cache/cached.ts';
export { cached } from './cache/cached.ts';
export type { CacheRoom } from './cache/rooms.ts';
export { CACHE_ROOMS, cacheRoot, hashOf } from './cache/rooms.ts';
export type { CacheEntry, Removal } from './cache/upkeep.ts';
export { cacheLimit, clearCache, listCache, pruneCache, sweepCache } from './cache/upkeep.ts';
