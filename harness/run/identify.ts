/** Identifies kernels, several at once. */
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { Identification } from '../identify/identify.ts';
import { profileOf } from '../model/profile.ts';
import { BATTERY } from '../identify/battery.ts';
import type { Verdict } from '../judge/verdict.ts';
import { noPrediction, recordOf } from '../report/record.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import { identifyPlace } from './identify-place.ts';
import { defaultJobs } from './jobs.ts';
import { verdictOfError } from './not-tried.ts';
import { kernelRecord, openPlace, unknownKernel, type Limits, type Place, type PlaceRequest } from './place.ts';
import { jointSignal } from './joint-signal.ts';

export interface IdentifyRequest extends PlaceRequest {
  /** Kernel specs, as given. */
  readonly kernels: readonly string[];
}

export interface IdentifiedKernel {
  readonly kernel: KernelRecord;
  readonly identification: Identification | undefined;
  /** Of the battery, judged by what was found. */
  readonly steps: readonly StepRecord[];
}

/**
 * In the order in which they end. Throws UsageError as soon as one turns up, or the signal's reason.
 */
export async function identifyKernels(
  request: IdentifyRequest,
  onIdentified: (identified: IdentifiedKernel) => void,
): Promise<void> {
  const limits: Limits = { guests: pLimit(defaultJobs()), finding: pLimit(availableParallelism()) };
  const { signal, failure } = jointSignal(request.signal);
  const booted = await Promise.all(
    request.kernels.map((spec) =>
      identifyOne(spec, { ...request, signal }, limits, onIdentified).catch((error: unknown) => {
        failure.abort(error);
        return false;
      }),
    ),
  );
  signal.throwIfAborted();
  if (booted.includes(true)) await request.backend.tidy();
}

async function identifyOne(
  spec: string,
  request: PlaceRequest,
  limits: Limits,
  onIdentified: (identified: IdentifiedKernel) => void,
): Promise<boolean> {
  let opened: Place;
  try {
    opened = await openPlace(spec, request, limits);
  } catch (error) {
    request.signal.throwIfAborted();
    onIdentified(notHad(spec, verdictOfError(error)));
    return false;
  }
  await using place = opened;
  const { identification, battery } = await identifyPlace(place);
  const steps = battery.flatMap(({ scenario, judgements, traces }) =>
    judgements.map((judgement) =>
      recordOf({ kernel: spec, release: place.kernel.release, scenario: scenario.name }, judgement, {
        console: traces?.console,
      }),
    ),
  );
  const profile = identification?.profile ?? profileOf(place.kernel);
  onIdentified({ kernel: kernelRecord(place, profile), identification, steps });
  return place.booted;
}

/** A kernel that could not be fetched or read. */
function notHad(spec: string, verdict: Verdict): IdentifiedKernel {
  const where = { kernel: spec, release: 'unknown' };
  const steps = BATTERY.flatMap(({ name: scenario, steps: all }) =>
    all.map(({ name: step }) => noPrediction({ ...where, scenario, step }, verdict)),
  );
  return { kernel: unknownKernel(spec, verdict), identification: undefined, steps };
}
