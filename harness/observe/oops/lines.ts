/** A kernel log as people keep it, cleaned of what consoles, syslog and mail put before its lines. */

/** Longer lines are no kernel's: a record has 1 KB. What is cut off bounds the time that any pattern takes. */
const LONGEST = 1024;

const QUOTE = /^(?:> ?)+/;
/** `Nov 21 04:51:44 host kernel: `, `2026-11-21T04:51:44.123+00:00 host kernel: ` */
const SYSLOG = /^(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,30}) \S{1,64} kernel: ?/;
const LEVEL = /^<\d{1,3}>/;
const TIME = /^\[ {0,12}\d{1,10}\.\d{1,9}\] ?/;
/** CONFIG_PRINTK_CALLER: a task or a CPU. */
const CALLER = /^\[ {0,8}[TC]\d{1,8}\] ?/;

/** A line's own text. Leading blanks are kept: frames have them. */
export function cleaned(line: string): string {
  let text = line.slice(0, LONGEST).replace(/[\r\0]+$/, '');
  for (const prefix of [QUOTE, SYSLOG, LEVEL, TIME, CALLER]) text = text.replace(prefix, '');
  return text;
}
