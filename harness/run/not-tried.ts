/** Steps that were never tried: whose fault that is, as a verdict. */
import { BootFailure, UnsupportedError, UsageError, type Hello } from '../../vm/machine.ts';
import type { Judgement } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { StepPrediction } from '../model/predict.ts';

/** What an error makes of the steps that it prevented. Throws UsageError: that is nobody's verdict. */
export function verdictOfError(error: unknown): Verdict {
  if (error instanceof UsageError) throw error;
  if (error instanceof BootFailure) {
    const why = error.message;
    const { consoleTail } = error;
    return error.kind === 'crashed'
      ? { kind: 'crashed', title: why, consoleTail, why }
      : { kind: 'hung', where: 'the boot', consoleTail, why };
  }
  if (error instanceof UnsupportedError)
    return { kind: 'unsupported', missing: error.missing, remedy: error.remedy, why: error.message };
  return { kind: 'broken', why: error instanceof Error ? error.message : String(error) };
}

/** A module that the guest's kernel would not load: a replaced one whose signature or version does not fit, mostly. */
export function moduleRefusal({ modules }: Hello): Extract<Verdict, { kind: 'unsupported' }> | undefined {
  const refused = modules.find(({ ok }) => !ok);
  if (refused === undefined) return undefined;
  const { name, errno, messages = [] } = refused;
  const said = messages.length > 0 ? `: ${messages.join('; ')}` : '';
  return {
    kind: 'unsupported',
    missing: `module ${name}`,
    why: `the kernel refused module ${name} (${errno ?? '?'})${said}`,
  };
}

/** The same verdict for every step. */
export function without(predictions: readonly StepPrediction[], verdict: Verdict): readonly Judgement[] {
  return predictions.map((prediction) => ({ ...prediction, observation: undefined, verdict }));
}
