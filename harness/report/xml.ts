/** Elements of XML as text. */

export type Attributes = Readonly<Record<string, string | number>>;

/** `content` is taken as it is; see escapeXml. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`)
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** What XML 1.0 cannot hold at all, control characters and half surrogates, becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\0-\x08\v\f\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A hundredth of a pixel is enough, and is the same on every machine. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}
