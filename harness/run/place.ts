/** A kernel under test: found, and with the templates that its guests are cloned from. */
import type { LimitFunction } from 'p-limit';
import type { Kernel, Template } from '../../vm/machine.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { KernelRecord } from '../report/results.ts';
import type { Profile } from '../model/profile.ts';
import { absentRules } from '../model/rules/registry.ts';
import type { Backend } from './backend.ts';
import type { Group } from './groups.ts';

export interface PlaceRequest {
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  /** Boot each guest instead of cloning a template. */
  readonly fresh: boolean;
  readonly mirror: string | undefined;
  readonly backend: Backend;
  readonly signal: AbortSignal;
  /** What is being done for a kernel, in a few words. */
  readonly onPhase: (spec: string, text: string) => void;
  /** A guest is about to start. */
  readonly onGuest?: (() => void) | undefined;
}

/** How much goes on at once: guests that run, kernels that are fetched and unpacked. */
export interface Limits {
  readonly guests: LimitFunction;
  readonly finding: LimitFunction;
}

export interface Place extends AsyncDisposable {
  readonly spec: string;
  readonly kernel: Kernel;
  readonly request: PlaceRequest;
  readonly guests: LimitFunction;
  readonly templates: Map<string, Promise<Template>>;
  readonly notes: string[];
  accelerator?: string;
  /** Whether a template had to be booted for it. */
  booted: boolean;
}

/** Throws what the backend's findKernel throws. */
export async function openPlace(spec: string, request: PlaceRequest, { guests, finding }: Limits): Promise<Place> {
  const kernel = await finding(() => {
    request.onPhase(spec, 'looking for the kernel');
    const { replace, mirror, signal, backend } = request;
    return backend.findKernel(spec, {
      replace,
      mirror,
      signal,
      onProgress: (text) => request.onPhase(spec, text),
    });
  });
  const templates = new Map<string, Promise<Template>>();
  return {
    spec,
    kernel,
    request,
    guests,
    templates,
    notes: [],
    booted: false,
    async [Symbol.asyncDispose]() {
      for (const template of templates.values())
        await template.then(
          (made) => made[Symbol.asyncDispose](),
          () => undefined,
        );
    },
  };
}

/** The template of a group's shape, made when it is first asked for. */
export function templateFor({ shape }: Group, place: Place): Promise<Template> {
  const { kernel, request, guests, templates, spec } = place;
  const key = JSON.stringify(shape);
  const known = templates.get(key);
  if (known !== undefined) return known;
  const { accelerator, fresh, signal, backend } = request;
  const making = guests(() =>
    backend.prepareTemplate({
      kernel,
      shape,
      accelerator,
      fresh,
      signal,
      onProgress: (text) => request.onPhase(spec, text),
    }),
  );
  templates.set(key, making);
  return making;
}

export function kernelRecord({ spec, kernel, request, accelerator, notes }: Place, profile: Profile): KernelRecord {
  return {
    spec,
    release: kernel.release,
    origin: kernel.origin,
    profile: profile.name,
    profileOrigin: profile.origin,
    replaced: Object.entries(request.replace).map(([name, file]) => `${name}=${file}`),
    ...(accelerator === undefined ? {} : { accelerator }),
    notes: [...new Set(notes)],
    absentRules: absentRules(profile.behaviours),
  };
}

/** The record of a kernel that could not be had. */
export function unknownKernel(spec: string, { why }: Verdict): KernelRecord {
  return {
    spec,
    release: 'unknown',
    origin: why,
    profile: 'unknown',
    profileOrigin: 'the kernel could not be had',
    replaced: [],
    notes: [],
  };
}
