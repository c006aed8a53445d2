/** Attribute values are hexadecimal, as the agent speaks of them. */
export function hexOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

export function textOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}
