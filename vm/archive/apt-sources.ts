/** The two forms of apt's sources (sources.list(5)): one line, and deb822 stanzas in `.sources` files. */

export interface AptSource {
  /** As written, without a slash at its end. */
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** Lines of type `deb` of a `.list` file; comments, `deb-src` and what cannot be read are left out. */
export function parseOneLineSources(text: string): readonly AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)\s*(?:#.*)?$/.exec(line);
    if (match === null) continue;
    const [, uri, suite, components] = match;
    sources.push({ uri: withoutSlash(uri!), suites: [suite!], components: words(components!) });
  }
  return sources;
}

/** Stanzas of type `deb` of a `.sources` file that are not disabled; one source per URI. */
export function parseDeb822Sources(text: string): readonly AptSource[] {
  return text.split(/\n(?:[ \t]*\n)+/).flatMap((stanza) => {
    const fields = parseFields(stanza);
    if (!words(fields.get('types') ?? '').includes('deb')) return [];
    if (/^(no|false|without|off|disable|0)$/i.test(fields.get('enabled')?.trim() ?? '')) return [];
    return words(fields.get('uris') ?? '').map((uri) => ({
      uri: withoutSlash(uri),
      suites: words(fields.get('suites') ?? ''),
      components: words(fields.get('components') ?? ''),
    }));
  });
}

function parseFields(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const match = /^([^\s:]+):(.*)$/.exec(line);
    if (match !== null) {
      last = match[1]!.toLowerCase();
      fields.set(last, match[2]!);
    } else if (/^[ \t]/.test(line) && last !== '') {
      fields.set(last, `${fields.get(last)}\n${line}`);
    }
  }
  return fields;
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
