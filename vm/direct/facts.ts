/** What a running machine says of itself: its kernel, and whether it has what a run takes. */
import { hashOf } from '../cache.ts';
import { hostArchitecture } from '../architecture.ts';
import { HarnessError, UnsupportedError } from '../errors.ts';
import { optionOfModule, parseConfig } from '../kernel/kconfig.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { versionOfBanner } from '../kernel/version.ts';
import { say, type Reach } from './reach.ts';

/** A line a fact, then the configuration. The programs are those of session.ts. */
const FACTS = `
echo "release $(uname -r)"
echo "machine $(uname -m)"
echo "version $(cat /proc/version)"
for program in losetup mktemp modprobe tar; do command -v "$program" >/dev/null || echo "missing $program"; done
echo config
r=$(uname -r)
if [ -r /proc/config.gz ]; then gzip -dc /proc/config.gz
elif [ -r "/boot/config-$r" ]; then cat "/boot/config-$r"
elif [ -r "/lib/modules/$r/config" ]; then cat "/lib/modules/$r/config"
fi
`;

/** Whether a module is there, built in, or could be loaded. `filesystem`: what it registers, where that is another name. */
const HAS_MODULES = `
for module in "$@"; do
  [ -d "/sys/module/$module" ] && continue
  grep -qw "$module" /proc/filesystems && continue
  modprobe -n -q "$module" 2>/dev/null && continue
  echo "$module"
done
`;

/**
 * The kernel that runs there.
 *
 * Throws HarnessError when the machine is not reached, UnsupportedError when it lacks a program or its configuration
 * is not to be had.
 */
export async function runningKernel(reach: Reach, signal: AbortSignal): Promise<Kernel> {
  const text = await say(reach, FACTS, [], { signal });
  const end = text.indexOf('\nconfig\n');
  const facts = new Map(
    text
      .slice(0, end)
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  const release = facts.get('release') ?? '';
  const version = versionOfBanner(release, facts.get('version') ?? '');
  if (end === -1 || version === undefined)
    throw new HarnessError(`${reach.name} does not say which kernel it runs: ${text.slice(0, 200)}`);
  const missing = facts.get('missing');
  if (missing !== undefined) throw new UnsupportedError(missing, { message: `${reach.name} has no ${missing}` });
  const { name: machine } = hostArchitecture();
  if (facts.get('machine') !== machine)
    throw new UnsupportedError(`a machine of ${machine}`, {
      message: `${reach.name} is ${facts.get('machine') ?? 'unknown'}, and the agent is built for ${machine}`,
    });
  const config = parseConfig(text.slice(end));
  if (config.size === 0)
    throw new UnsupportedError(`the configuration of ${release}`, {
      message: `${reach.name} has neither /proc/config.gz nor /boot/config-${release} nor /lib/modules/${release}/config`,
      remedy: 'modprobe configs, or install the file',
    });
  // Many scenarios ask for the same at once.
  const asked = new Map<string, Promise<string | undefined>>();
  const firstLacking = (names: readonly string[]): Promise<string | undefined> => {
    const key = names.join();
    const answer =
      asked.get(key) ??
      say(reach, HAS_MODULES, names, { signal }).then((said) => said.split('\n').find((name) => name !== ''));
    asked.set(key, answer);
    return answer;
  };
  return {
    spec: reach.name,
    release,
    version,
    image: '',
    config,
    systemMap: undefined,
    identity: hashOf({ v: 1, running: facts.get('version'), config: [...config] }),
    origin: reach.isRemote ? `the kernel that runs on ${reach.name}` : 'the kernel of this machine',
    modules: async (names) => {
      const lacking = await firstLacking(names);
      if (lacking === undefined) return [];
      const option = optionOfModule(lacking);
      throw new UnsupportedError(`module ${lacking}`, {
        message: `${reach.name} (${release}) has no module ${lacking}${option === undefined ? '' : ` (CONFIG_${option})`}`,
      });
    },
  };
}
