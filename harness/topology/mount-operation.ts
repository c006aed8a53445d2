/** One mount, in the agent's words: by mount(2), or parameter by parameter through fsopen(2). */
import { UsageError, type Operation } from '../../vm/machine.ts';
import type { MountApi, MountStep } from '../scenario.ts';
import type { MountParameter } from './mount-options.ts';
import type { FuseMount } from './topology.ts';
import { isReadOnly } from './validate.ts';

/** Longest value of fsconfig(2)'s FSCONFIG_SET_STRING, in bytes. fs/fsopen.c */
const MAX_VALUE_BYTES = 255;
/** Longest data of mount(2), in bytes: a page with its final NUL. fs/namespace.c:copy_mount_options */
const MAX_DATA_BYTES = 4095;

export interface MountCall {
  readonly fstype: string;
  readonly source: string;
  /** Undefined: by its path. */
  readonly sourceAs?: 'descriptor' | 'nothing' | undefined;
  readonly target: string;
  readonly parameters: readonly MountParameter[];
  readonly rdonly: boolean;
}

/** Throws UsageError when the options cannot be handed to the kernel that way. */
export function mountOperation(api: MountApi, call: MountCall, by: MountStep['by'] = 'init'): Operation {
  if (by !== 'init') {
    const { fstype, source, target, parameters } = call;
    const whole = api === 'fsopen' ? [{ key: 'source', value: source }, ...parameters] : [];
    const data = api === 'mount' ? dataOf(call) : '';
    return { op: 'mount-by', by, api, fstype, source, target, data, parameters: contextParameters(fstype, whole) };
  }
  return api === 'fsopen' ? throughContext(call) : atOnce(call);
}

/** Changes a mount; `source` and `fstype` are those it was made with. */
export function reconfigureOperation(api: MountApi, call: MountCall): Operation {
  const { fstype, source, target, parameters } = call;
  return api === 'fsopen'
    ? { op: 'reconfigure', target, parameters: contextParameters(fstype, parameters) }
    : { op: 'mount', fstype, source, target, flags: ['remount'], data: dataOf(call) };
}

/** A FUSE mount and its daemon, which passes on what it stands on: read-only where that is. */
export function fuseOperation(mount: FuseMount, over: string, target: string): Operation {
  const { maxStackDepth, writebackCache } = mount.passthrough ?? { maxStackDepth: 0, writebackCache: false };
  return {
    op: 'fuse',
    over,
    target,
    rdonly: isReadOnly(mount.over.on),
    passthrough: mount.passthrough !== undefined,
    maxStackDepth,
    writebackCache,
  };
}

function throughContext({ fstype, source, sourceAs, target, parameters, rdonly }: MountCall): Operation {
  const named: MountParameter = {
    key: 'source',
    value: source,
    ...(sourceAs === 'descriptor' ? { as: sourceAs } : {}),
  };
  const all = contextParameters(fstype, sourceAs === 'nothing' ? parameters : [named, ...parameters]);
  return { op: 'fsmount', fstype, target, rdonly, parameters: all };
}

function contextParameters(
  fstype: string,
  all: readonly MountParameter[],
): Extract<Operation, { op: 'fsmount' }>['parameters'] {
  for (const { key, value = '', as } of all)
    if (as !== 'descriptor' && Buffer.byteLength(value) > MAX_VALUE_BYTES)
      throw new UsageError(
        `${fstype}: ${key}= has ${Buffer.byteLength(value)} bytes, and fsconfig(2) takes ${MAX_VALUE_BYTES}; use mount(2)`,
      );
  return all.map(({ key, value, as }) => {
    if (value === undefined) return { kind: 'flag', key };
    return as === 'descriptor' ? { kind: 'fd', key, path: value } : { kind: 'string', key, value };
  });
}

function atOnce(call: MountCall): Operation {
  const { fstype, source, target, rdonly } = call;
  return { op: 'mount', fstype, source, target, flags: rdonly ? ['rdonly'] : [], data: dataOf(call) };
}

function dataOf({ fstype, parameters }: MountCall): string {
  const data = parameters.map((parameter) => spelled(fstype, parameter)).join(',');
  if (Buffer.byteLength(data) > MAX_DATA_BYTES)
    throw new UsageError(
      `${fstype}: the options have ${Buffer.byteLength(data)} bytes, and mount(2) takes ${MAX_DATA_BYTES}`,
    );
  return data;
}

/** A comma ends an option. Only overlayfs lets it be escaped (params.c:ovl_next_opt). */
function spelled(fstype: string, { key, value, as }: MountParameter): string {
  if (as === 'descriptor')
    throw new UsageError(`${fstype}: ${key} as a descriptor, which mount(2) cannot take; use fsopen(2)`);
  if (value === undefined) return key;
  if (fstype !== 'overlay' && value.includes(','))
    throw new UsageError(`${fstype}: ${key}=${value} has a comma, which mount(2) cannot take; use fsopen(2)`);
  return `${key}=${value.replaceAll(',', '\\,')}`;
}
