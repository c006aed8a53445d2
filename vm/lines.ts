/** A byte stream as a queue of lines, for the two line protocols spoken with QEMU: QMP and the agent's. */
import type { Readable } from 'node:stream';

/** Calls `onLine` for each line without its end, and `onClose` once with what is left when the stream ends or breaks. */
export function eachLine(stream: Readable, onLine: (line: string) => void, onClose: (rest: string) => void): void {
  let pending: Buffer[] = [];
  let closed = false;
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...pending, chunk.subarray(from, end)]).toString('utf8');
      pending = [];
      from = end + 1;
      onLine(line);
    }
    if (from < chunk.length) pending.push(chunk.subarray(from));
  });
  const close = (): void => {
    if (closed) return;
    closed = true;
    onClose(Buffer.concat(pending).toString('utf8'));
  };
  // A reset of the socket is how a killed QEMU hangs up: an end like any other.
  stream.on('error', close);
  stream.on('end', close);
  stream.on('close', close);
}
