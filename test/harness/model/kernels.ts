/** Kernels for the model's tests: behaviours by version and by profile, and questions to the model. */
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { predict } from '../../../harness/model/predict.ts';
import type { ExpectedMessage, Prediction } from '../../../harness/model/prediction.ts';
import { profileOf, withStacking, type ProfileName, type Version } from '../../../harness/model/profile.ts';
import { mount, read, type MountApi, type Scenario, type Step } from '../../../harness/scenario.ts';
import type { FileIn } from '../../../harness/topology/topology.ts';
import { isImplicit, mountsUpTo, type Mount } from '../../../harness/topology/topology.ts';

/** `6.17.13`, `6.19-rc4`. */
export function version(text: string): Version {
  const [, major, minor, patch, rc] = /^(\d+)\.(\d+)(?:\.(\d+))?(?:-rc(\d+))?$/.exec(text)!;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
    rc: rc === undefined ? undefined : Number(rc),
  };
}

/** Behaviours of a version; `config` as in a Debian kernel, but for these options. */
export function behavioursOf(text: string, config?: Readonly<Record<string, string>>): Behaviours {
  if (config === undefined) return profileOf({ version: version(text) }).behaviours;
  const whole = new Map(Object.entries({ ...DEBIAN, ...config }).filter(([, value]) => value !== 'n'));
  return profileOf({ version: version(text), config: whole }).behaviours;
}

/** What the rules ask of Debian's configuration, 6.18.9 cloud-amd64. */
export const DEBIAN: Readonly<Record<string, string>> = {
  EROFS_FS: 'm',
  EROFS_FS_XATTR: 'y',
  EROFS_FS_POSIX_ACL: 'y',
  EROFS_FS_BACKED_BY_FILE: 'y',
  EROFS_FS_ZIP: 'y',
  EROFS_FS_ZIP_LZMA: 'y',
  EROFS_FS_ZIP_DEFLATE: 'y',
  EROFS_FS_ZIP_ZSTD: 'y',
  FS_DAX: 'y',
  UNICODE: 'y',
  FUSE_PASSTHROUGH: 'y',
  OVERLAY_FS: 'm',
  OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW: 'y',
};

/** A real kernel for each profile; state C was only ever in mainline, between two release candidates. */
export const KERNELS: Readonly<Record<ProfileName, Behaviours>> = {
  'no-file-backed': behavioursOf('6.1.192'),
  unchecked: behavioursOf('6.17.8'),
  counted: behavioursOf('6.17.13'),
  'no-erofs-backing': withStacking(profileOf({ version: version('6.19-rc4') }), 'no-erofs-backing').behaviours,
  'no-stacked-backing': behavioursOf('6.18.9'),
};

/** A scenario that makes a mount with all that it stands on, the mount last. */
export function scenarioOf(top: Mount, api: MountApi = 'mount'): Scenario {
  const explicit = mountsUpTo(top).filter((each) => !isImplicit(each));
  const steps: readonly Step[] = [
    ...explicit.filter((each) => each !== top).map((each, index) => mount(`below ${index}`, each)),
    mount('top', top, { api }),
  ];
  return { name: 'test', shows: '', about: [], steps };
}

/** What the model says of a mount, all that it stands on being mounted first. */
export function answer(top: Mount, behaviours: Behaviours, api: MountApi = 'mount'): Prediction {
  return predict(scenarioOf(top, api), behaviours).at(-1)!.prediction;
}

/** `ok d2`, `EINVAL D3`, `-`. */
export function brief(prediction: Prediction): string {
  if (prediction.kind === 'unreachable') return '-';
  return prediction.kind === 'ok' ? `ok d${prediction.depth ?? '?'}` : `${prediction.errno} ${prediction.rule}`;
}

/** Whether a prediction owes this line, or has it among what may be said, and where. */
export function owes(prediction: Prediction, line: string, channel: 'log' | 'context' = 'log'): boolean {
  return messagesOf(prediction).some((message) => message.channel === channel && message.pattern.test(line));
}

/** Whether the kernel log must have this line. */
export function requires(prediction: Prediction, line: string): boolean {
  return messagesOf(prediction).some(({ presence, pattern }) => presence === 'required' && pattern.test(line));
}

function messagesOf(prediction: Prediction): readonly ExpectedMessage[] {
  return prediction.kind === 'unreachable' ? [] : prediction.messages;
}

/** Predictions of a read that follows a scenario's steps. */
export function contentsAfter(steps: readonly Step[], file: FileIn, behaviours: Behaviours): Prediction {
  const scenario: Scenario = { name: 'test', shows: '', about: [], steps: [...steps, read('read', file)] };
  return predict(scenario, behaviours).at(-1)!.prediction;
}
