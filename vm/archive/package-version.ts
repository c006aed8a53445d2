/** Order of Debian package versions, as `dpkg --compare-versions` has it (deb-version(7)). */

/** Negative, zero or positive. */
export function comparePackageVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)),
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    revision: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

/** Turns of non-digits, compared character by character, and digits, compared as numbers. */
function compareParts(a: string, b: string): number {
  let left = a;
  let right = b;
  while (left !== '' || right !== '') {
    const leftWord = /^\D*/.exec(left)![0];
    const rightWord = /^\D*/.exec(right)![0];
    const words = compareWords(leftWord, rightWord);
    if (words !== 0) return words;
    left = left.slice(leftWord.length);
    right = right.slice(rightWord.length);
    const leftDigits = /^\d*/.exec(left)![0];
    const rightDigits = /^\d*/.exec(right)![0];
    const numbers = Number(leftDigits) - Number(rightDigits);
    if (numbers !== 0) return numbers;
    left = left.slice(leftDigits.length);
    right = right.slice(rightDigits.length);
  }
  return 0;
}

function compareWords(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a[i]) - weight(b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `~` before the end of the word, the end before letters, letters before all else. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}
