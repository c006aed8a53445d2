/** Waits for all, so that nothing goes on behind the caller's back, then throws the first error. */
export async function allOrFirstError(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
