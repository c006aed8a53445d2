/** Kernel specs: what the user types after `--kernel`. */
import { UsageError } from '../errors.ts';
import { defaultFlavour, flavours } from './flavours.ts';
import { SUITES } from '../archive/suites.ts';

export type KernelSpec =
  /** An upstream version, a series of them (`6.1`), or an exact package version (`6.12.115-1`). */
  | { readonly kind: 'debian-version'; readonly version: string; readonly flavour: string }
  /** The newest kernel of a suite. */
  | { readonly kind: 'debian-suite'; readonly suite: string; readonly flavour: string }
  | { readonly kind: 'deb'; readonly files: readonly string[] }
  | { readonly kind: 'rpm'; readonly files: readonly string[] }
  | { readonly kind: 'tree'; readonly directory: string }
  | {
      readonly kind: 'image';
      readonly image: string;
      readonly modules: string | undefined;
      readonly config: string | undefined;
    }
  | { readonly kind: 'host' };

/** Every form, for messages and `--help`. */
export const KERNEL_SPEC_FORMS = [
  `debian:VERSION[/FLAVOUR]            a Debian kernel: debian:6.17.13, debian:6.1 (newest of the series), debian:7.3-rc7, debian:6.17.13/amd64`,
  `debian:SUITE[/FLAVOUR]              the newest kernel of a suite: debian:trixie-backports`,
  `deb:FILE[,FILE…]                    the packages of one kernel`,
  `rpm:FILE[,FILE…]                    the same of Fedora and its kin: kernel-core, kernel-modules-core, kernel-modules`,
  `tree:DIR                            a kernel build tree: its boot image and its modules where they lie`,
  `image:FILE,modules=DIR,config=FILE  a boot image; modules= is the directory that holds modules.dep or the .ko files`,
  `host                                the running kernel's own files`,
] as const;

/** Throws UsageError naming every form when the text is none of them. */
export function parseKernelSpec(spec: string): KernelSpec {
  const colon = spec.indexOf(':');
  const rest = spec.slice(colon + 1);
  switch (colon === -1 ? spec : spec.slice(0, colon)) {
    case 'debian':
      return parseDebian(spec, rest);
    case 'deb':
      return { kind: 'deb', files: nonEmpty(spec, rest.split(',')) };
    case 'rpm':
      return { kind: 'rpm', files: nonEmpty(spec, rest.split(',')) };
    case 'tree':
      return { kind: 'tree', directory: nonEmpty(spec, [rest])[0]! };
    case 'image':
      return parseImage(spec, rest);
    case 'host':
      if (colon === -1) return { kind: 'host' };
      break;
  }
  throw new UsageError(`kernel spec '${spec}' has none of the forms\n${formsText()}`);
}

function formsText(): string {
  return KERNEL_SPEC_FORMS.map((form) => `  ${form}`).join('\n');
}

function parseDebian(spec: string, rest: string): KernelSpec {
  const [what, flavour = defaultFlavour(), ...more] = rest.split('/');
  if (what === undefined || what === '' || more.length > 0)
    throw new UsageError(`kernel spec '${spec}' is not debian:VERSION[/FLAVOUR] or debian:SUITE[/FLAVOUR]`);
  if (!flavours().includes(flavour))
    throw new UsageError(`kernel spec '${spec}': flavour '${flavour}' is none of ${flavours().join(', ')}`);
  if (/^\d/.test(what)) return { kind: 'debian-version', version: what, flavour };
  const suite = SUITES.find(({ name }) => name === what);
  if (suite === undefined)
    throw new UsageError(
      `kernel spec '${spec}': '${what}' is neither a version (6.17.13, 6.1, 7.3-rc7) nor one of the suites ${SUITES.map(({ name }) => name).join(', ')}`,
    );
  return { kind: 'debian-suite', suite: suite.name, flavour };
}

function parseImage(spec: string, rest: string): KernelSpec {
  const [image, ...options] = rest.split(',');
  const given = new Map<string, string>();
  for (const option of options) {
    const [, key, value] = /^(modules|config)=(.+)$/.exec(option) ?? [];
    if (key === undefined || value === undefined || given.has(key))
      throw new UsageError(`kernel spec '${spec}': '${option}' is not modules=DIR or config=FILE, each once`);
    given.set(key, value);
  }
  return {
    kind: 'image',
    image: nonEmpty(spec, [image ?? ''])[0]!,
    modules: given.get('modules'),
    config: given.get('config'),
  };
}

function nonEmpty(spec: string, names: readonly string[]): readonly string[] {
  if (names.some((name) => name === ''))
    throw new UsageError(`kernel spec '${spec}': a file or directory name is empty`);
  return names;
}
