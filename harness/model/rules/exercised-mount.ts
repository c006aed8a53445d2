/** What a mount shows of which rules: those of its own answer, of its layers and of the way its messages go. */
import type { MountApi } from '../../scenario.ts';
import type { Mount } from '../../topology/topology.ts';
import { spokenRules, together, type Exercised } from './exercised.ts';
import { isRefusal, type Acceptance, type Refusal } from './rule.ts';

export function exercisedByMount(mount: Mount, api: MountApi, answer: Refusal | Acceptance): Exercised {
  const refusal = isRefusal(answer) ? { rule: answer.rule } : {};
  const spoken = spokenRules(
    { ...refusal, messages: answer.messages },
    {
      kind: mount.kind === 'overlay' || mount.kind === 'erofs' ? mount.kind : 'other',
      api,
      onDevice: mount.kind === 'erofs' && mount.source.kind === 'loop',
    },
  );
  return together(answer.exercised, onPlain(mount, answer), spoken);
}

/** D1: the depth of an overlay comes of its layers, and some are plain filesystems. */
function onPlain(mount: Mount, answer: Refusal | Acceptance): Exercised | undefined {
  if (mount.kind !== 'overlay' || isRefusal(answer)) return undefined;
  const isPlain = [...mount.lowers, ...mount.dataOnly, ...(mount.upper === undefined ? [] : [mount.upper])].some(
    ({ on }) => on.kind === 'disk' || on.kind === 'tmpfs',
  );
  return isPlain ? { triggered: ['D1'], spared: [] } : undefined;
}
