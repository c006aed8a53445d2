/** Names of functions as the kernel prints them (`%pS`), and what of them can be compared between two kernels. */

/** What a function without a symbol is called: an ftrace trampoline, or code of a module that has gone. */
export const BARE_ADDRESS = '(address)';

/** What the compiler adds to a clone of a function. Which clones there are differs from build to build. */
const CLONE = /(?:\.(?:isra|constprop|part|cold|llvm|lto_priv|localalias)(?:\.\d+)?)+$/;
/** Memory allocation profiling (6.10) renamed the functions that allocate: `mempool_alloc` is a macro since. */
const PROFILED = /_noprof$/;

/** `filemap_readahead.isra.0+0x78/0xb0` → `filemap_readahead`, `mempool_alloc_noprof+0x65/0xd0` → `mempool_alloc`. */
export function functionName(location: string): string {
  if (location.startsWith('0x')) return BARE_ADDRESS;
  let name = symbolOf(location);
  if (name.includes('.')) name = name.replace(CLONE, '');
  return name.endsWith('_noprof') ? name.replace(PROFILED, '') : name;
}

/** As printed, without the offset: `filemap_readahead.isra.0`; a bare address as it is. */
export function symbolOf(location: string): string {
  const plus = location.indexOf('+');
  return plus === -1 ? location : location.slice(0, plus);
}
