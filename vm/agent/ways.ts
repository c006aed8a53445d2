/**
 * The ways of reading by which the bytes of a file can be had, besides read(2): the agent's words (protocol.ts: operation
 * `read-by`, read-by.c) and those of scenarios.
 *
 * `exec` runs the file, which has to write itself to its standard output; `direct` is O_DIRECT, `readahead` then pread(2).
 */
export const CONTENTS_WAYS = ['pread', 'readv', 'mmap', 'sendfile', 'splice', 'direct', 'readahead', 'exec'] as const;
export type ContentsWay = (typeof CONTENTS_WAYS)[number];
