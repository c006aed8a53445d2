/** Which modules a kernel has, where they lie, and what each needs: from depmod's files, or from the modules themselves. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAbsent } from '../file-errors.ts';
import type { ModuleInfo } from './modinfo.ts';
import { moduleName, moduleNameOfFile, parseModuleInfo, readModuleInfo, softdepPre } from './modinfo.ts';

/** Names are as in /proc/modules. */
export interface ModuleIndex {
  /** Every module that can be loaded, and its file. */
  readonly files: ReadonlyMap<string, string>;
  /** Modules that are part of the image. */
  readonly builtin: ReadonlySet<string>;
  /** Aliases that built-in modules answer to (`crypto-crc32c`). */
  readonly builtinAliases: ReadonlySet<string>;
  /** What a module needs; the order is that of loading. */
  needs(name: string): Promise<Pick<ModuleInfo, 'depends' | 'softdepPre'>>;
  /** Loadable modules that answer to an alias. */
  providers(alias: string): Promise<readonly string[]>;
}

/** Lines `path: path…` of modules.dep; the last dependency is to be loaded first. */
export function parseModulesDep(
  text: string,
): ReadonlyMap<string, { readonly file: string; readonly depends: readonly string[] }> {
  const modules = new Map<string, { file: string; depends: readonly string[] }>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? undefined : moduleNameOfFile(line.slice(0, colon));
    if (name === undefined) continue;
    const depends = line
      .slice(colon + 1)
      .split(' ')
      .flatMap((file) => moduleNameOfFile(file) ?? []);
    modules.set(name, { file: line.slice(0, colon), depends: depends.reverse() });
  }
  return modules;
}

/** `softdep NAME pre: …` lines of modules.softdep → what goes before NAME. */
export function parseModulesSoftdep(text: string): ReadonlyMap<string, readonly string[]> {
  return grouped(text, /^softdep (\S+) (.*)$/gm, ([, name, rest]) => [moduleName(name!), softdepPre(rest!)]);
}

/**
 * The modules with a line `alias ALIAS NAME` in modules.alias, which has ten thousand of them and is asked for a few.
 * Patterns are of no use here.
 */
export function providersOf(alias: string, modulesAlias: string): readonly string[] {
  const text = `\n${modulesAlias}`;
  const start = `\nalias ${alias} `;
  const found: string[] = [];
  for (let at = text.indexOf(start); at !== -1; at = text.indexOf(start, at + 1)) {
    const end = text.indexOf('\n', at + start.length);
    found.push(moduleName(text.slice(at + start.length, end === -1 ? undefined : end)));
  }
  return found;
}

function grouped(
  text: string,
  line: RegExp,
  read: (match: RegExpMatchArray) => [string, readonly string[]],
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const match of text.matchAll(line)) {
    const [key, values] = read(match);
    groups.set(key, [...(groups.get(key) ?? []), ...values]);
  }
  return groups;
}

/** Lines of modules.builtin or modules.order: files under the kernel's tree, of modules or (since 6.2) objects. */
export function parseModuleList(text: string): ReadonlyMap<string, string> {
  const files = text.split('\n').map((line) => line.trim().replace(/\.o$/, '.ko'));
  return new Map(
    files.flatMap((file) => (moduleNameOfFile(file) === undefined ? [] : [[moduleNameOfFile(file)!, file] as const])),
  );
}

/** Aliases in modules.builtin.modinfo: `NAME.alias=…` strings parted by NUL. */
export function parseBuiltinAliases(text: string): ReadonlySet<string> {
  return new Set(text.split('\0').flatMap((one) => /^[^.=]+\.alias=(.*)$/s.exec(one)?.[1] ?? []));
}

/** From the files that depmod and `make modules_install` leave in `lib/modules/RELEASE`. */
export async function indexFromDepmod(directory: string): Promise<ModuleIndex> {
  const [dep, softdep, alias, builtins] = await Promise.all([
    readFile(path.join(directory, 'modules.dep'), 'utf8'),
    readOptional(path.join(directory, 'modules.softdep')),
    readOptional(path.join(directory, 'modules.alias')),
    readBuiltins(directory),
  ]);
  const modules = parseModulesDep(dep);
  const softdeps = parseModulesSoftdep(softdep);
  return {
    // Joined as they are: path.resolve costs more than all the rest of a thousand modules.
    files: new Map(
      [...modules].map(([name, { file }]) => [name, file.startsWith('/') ? file : `${directory}/${file}`]),
    ),
    ...builtins,
    needs: (name) =>
      Promise.resolve({ depends: modules.get(name)?.depends ?? [], softdepPre: softdeps.get(name) ?? [] }),
    providers: (wanted) => Promise.resolve(providersOf(wanted, alias)),
  };
}

/**
 * From the modules' own fields, read when needed: nothing has to be installed, and a module built a moment ago counts.
 *
 * @param directory where modules.builtin and modules.builtin.modinfo lie
 */
export async function indexFromModules(directory: string, files: ReadonlyMap<string, string>): Promise<ModuleIndex> {
  const infos = new Map<string, Promise<ModuleInfo>>();
  const info = (name: string): Promise<ModuleInfo> => {
    const file = files.get(name);
    const known = infos.get(name) ?? (file === undefined ? Promise.resolve(parseModuleInfo([])) : readModuleInfo(file));
    infos.set(name, known);
    return known;
  };
  return {
    files,
    ...(await readBuiltins(directory)),
    needs: info,
    providers: async (alias) => {
      const found: string[] = [];
      for (const name of files.keys()) if ((await info(name)).aliases.includes(alias)) found.push(name);
      return found;
    },
  };
}

/** Module files anywhere under a directory, by name. */
export async function findModuleFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const items = await readdir(directory, { recursive: true });
  const named = items.sort().flatMap((item) => {
    const name = moduleNameOfFile(item);
    return name === undefined ? [] : [[name, path.join(directory, item)] as const];
  });
  return new Map(named);
}

/**
 * The state of files, for a cache key, without reading them: path, size, and the times of last change of contents
 * and of inode (the latter cannot be set back, so a copy with kept times is seen too).
 */
export async function fingerprint(files: Iterable<string>): Promise<readonly string[]> {
  const states: string[] = [];
  for (const file of files) {
    const { size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    states.push(`${file} ${size} ${mtimeNs} ${ctimeNs}`);
  }
  return states.sort();
}

async function readBuiltins(directory: string): Promise<Pick<ModuleIndex, 'builtin' | 'builtinAliases'>> {
  const [list, modinfo] = await Promise.all([
    readOptional(path.join(directory, 'modules.builtin')),
    readOptional(path.join(directory, 'modules.builtin.modinfo')),
  ]);
  return { builtin: new Set(parseModuleList(list).keys()), builtinAliases: parseBuiltinAliases(modinfo) };
}

function readOptional(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return '';
    throw error;
  });
}
