/** The experiments: a few scenarios whose outcomes tell the values of behaviours apart. */
import type { Scenario } from '../scenario.ts';
import erofsImages from './battery/erofs-images.ts';
import erofsOptions from './battery/erofs-options.ts';
import overlay from './battery/overlay.ts';
import overlayOptions from './battery/overlay-options.ts';
import stacking from './battery/stacking.ts';

export const BATTERY: readonly Scenario[] = [stacking, erofsOptions, erofsImages, overlay, overlayOptions];
