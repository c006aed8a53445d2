/** Which modules to load for a wish, and in which order. */
import { UnsupportedError } from '../errors.ts';
import { optionOfModule, whoHas } from './kconfig.ts';
import type { Kernel, KernelModule } from './kernel.ts';
import { moduleName, readModuleInfo } from './modinfo.ts';
import type { ModuleIndex } from './module-index.ts';

/**
 * Aliases that code asks for with request_module() when it mounts or is set up, and that no dependency names. The
 * guest has no modprobe to answer, so they are loaded beforehand. What the kernel has not got is left to its refusal.
 * The checksums of btrfs, ext4 and libcrc32c (which erofs and xfs used until 6.13) are soft dependencies.
 */
const REQUESTED: Readonly<Record<string, readonly string[]>> = {
  // dm-verity-target.c:verity_ctr, the algorithm that veritysetup names by default.
  dm_verity: ['crypto-sha256'],
  // ecryptfs/crypto.c: the cipher of contents and of their keys; md5 is a library from 7.0 on.
  ecryptfs: ['crypto-aes', 'crypto-cbc', 'crypto-ecb', 'crypto-md5'],
  // zcomp.c, until 6.12 through the crypto API; the default algorithm.
  zram: ['crypto-lzo-rle'],
};

/**
 * Dependencies first, each once, built-ins left out; modules that the user replaced are loaded in any case.
 *
 * Soft dependencies that go before a module are taken too: libcrc32c of 5.10 cannot be loaded before some crc32c.
 * Like modprobe, one that this kernel has not got is passed over; unlike it, of several modules that could answer to
 * it the portable one is taken, for an `_intel` is refused on a processor without the instruction.
 */
export async function loadOrder(
  kernel: Pick<Kernel, 'spec' | 'config'>,
  index: ModuleIndex,
  replacements: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<readonly KernelModule[]> {
  const ordered = new Map<string, KernelModule>();
  const entered = new Set<string>();

  const add = async (name: string, wantedBy: string | undefined): Promise<void> => {
    if (entered.has(name)) return;
    entered.add(name);
    const replacement = replacements.get(name);
    const file = replacement ?? index.files.get(name);
    if (isBuiltin(kernel, index, name)) return;
    if (file === undefined) throw missing(kernel, name, wantedBy);
    const { depends, softdepPre } =
      replacement === undefined ? await index.needs(name) : await readModuleInfo(replacement);
    for (const alias of [...softdepPre, ...(REQUESTED[name] ?? [])]) {
      const provider = await soft(index, alias);
      if (provider !== undefined) await add(provider, name);
    }
    for (const dependency of depends) await add(dependency, name);
    ordered.set(name, { name, file, replaced: replacement !== undefined });
  };

  for (const name of [...names.map(moduleName), ...replacements.keys()]) await add(name, undefined);
  return [...ordered.values()];
}

/** The module to load for a name or alias that is wanted, not needed; undefined when something built in answers. */
async function soft(index: ModuleIndex, wanted: string): Promise<string | undefined> {
  const name = moduleName(wanted);
  if (index.builtin.has(name) || index.builtinAliases.has(wanted)) return undefined;
  if (index.files.has(name)) return name;
  const providers = await index.providers(wanted);
  return providers.find((one) => one.endsWith('_generic')) ?? providers[0];
}

/** By modules.builtin; for a kernel without one, by its configuration. */
function isBuiltin({ config }: Pick<Kernel, 'config'>, index: ModuleIndex, name: string): boolean {
  if (index.builtin.has(name)) return true;
  const option = optionOfModule(name);
  return !index.files.has(name) && option !== undefined && config.get(option) === 'y';
}

function missing(
  { spec, config }: Pick<Kernel, 'spec' | 'config'>,
  name: string,
  wantedBy: string | undefined,
): UnsupportedError {
  const option = optionOfModule(name);
  const needed = wantedBy === undefined ? '' : `, needed by ${wantedBy},`;
  if (option === undefined)
    return new UnsupportedError(`module ${name}`, {
      message: `${spec} has no module ${name}${needed} and no such built-in`,
    });
  const built =
    config.get(option) === 'm'
      ? `; it is configured as a module, but its file is not there, or modules.order does not name it`
      : '';
  return new UnsupportedError(`CONFIG_${option}`, {
    message: `${spec} has no module ${name}${needed} and no such built-in (CONFIG_${option})${built}`,
    remedy:
      built === ''
        ? [`CONFIG_${option}=m`, whoHas(option) ?? []].flat().join('; ')
        : `build it (make modules), or name the directory that holds it`,
  });
}
