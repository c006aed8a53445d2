/**
 * Progress on standard error: a live tree on a terminal, plain lines elsewhere. It begins after a moment, so that
 * what is done at once says nothing.
 */
import type { ListrDefaultRendererLogLevels } from 'listr2';
import { inShort } from './labels.ts';
import type { StepRecord } from './results.ts';

/** How long a run may take before it shows progress, in ms. */
const SILENCE_MS = 1_500;

export interface Progress {
  phase(kernel: string, text: string): void;
  scenario(kernel: string, name: string, records: readonly StepRecord[]): void;
  /** One of the total has ended; `good` when nothing is wrong with it. */
  step(kernel: string, text: string, good: boolean): void;
  /** A kernel has ended; `ok` when all its steps agree. */
  done(kernel: string, ok: boolean): void;
  /** Ends the display; safe to call twice. */
  close(): Promise<void>;
}

interface Line {
  text: string;
  finished: number;
  agrees: boolean;
  ended: { readonly ok: boolean } | undefined;
  show: ((text: string) => void) | undefined;
  end: ((ok: boolean) => void) | undefined;
}

/** `total`: how many scenarios (or what `unit` says) there are for a kernel. */
export function progressOf(
  kernels: readonly string[],
  total: number,
  stream: NodeJS.WriteStream,
  unit = 'scenarios',
): Progress {
  const lines = new Map(
    kernels.map((kernel): [string, Line] => [
      kernel,
      { text: 'waiting', finished: 0, agrees: true, ended: undefined, show: undefined, end: undefined },
    ]),
  );
  let closed = false;
  let display: Promise<unknown> | undefined;
  const timer = setTimeout(() => {
    if (stream.isTTY) display = showTree(lines, stream);
    else showLines(lines, stream);
  }, SILENCE_MS);
  const update = (kernel: string, change: (line: Line) => void) => {
    const line = lines.get(kernel);
    if (line === undefined || closed) return;
    change(line);
    line.show?.(line.text);
  };
  const end = (line: Line, ok: boolean): void => {
    line.ended = { ok };
    line.end?.(ok);
  };
  const step = (kernel: string, text: string, good: boolean): void =>
    update(kernel, (line) => {
      line.finished += 1;
      line.agrees &&= good;
      line.text = `${line.finished}/${total} ${unit}, ${text}`;
      // A kernel that could not be had has no other end.
      if (line.finished === total) end(line, line.agrees);
    });
  return {
    phase: (kernel, text) => update(kernel, (line) => (line.text = `${line.finished}/${total} ${unit}, ${text}`)),
    scenario: (kernel, name, records) => {
      const trouble = records.find(({ verdict }) => verdict.kind !== 'agrees');
      step(kernel, `${name}${trouble === undefined ? ' agrees' : `: ${trouble.verdict.kind}`}`, trouble === undefined);
    },
    step,
    done: (kernel, ok) => update(kernel, (line) => end(line, ok)),
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const line of lines.values()) line.end?.(line.ended?.ok ?? false);
      await display;
    },
  };
}

async function showTree(lines: ReadonlyMap<string, Line>, stream: NodeJS.WriteStream): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const tasks = new Listr(
    [...lines].map(([kernel, line]) => ({
      title: inShort(kernel),
      task: (_, task) =>
        new Promise<void>((resolve, reject) => {
          line.show = (text) => (task.output = text);
          line.end = (ok) => (ok ? resolve() : reject(new Error('not all agree')));
          line.show(line.text);
          if (line.ended !== undefined) line.end(line.ended.ok);
        }),
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput: new ProcessOutput(stream, stream) }),
        clearOutput: true,
        showErrorMessage: false,
      },
    },
  );
  await tasks.run();
}

/** One line a change, at most one a second and kernel. */
function showLines(lines: ReadonlyMap<string, Line>, stream: NodeJS.WriteStream): void {
  for (const [kernel, line] of lines) {
    let last = 0;
    line.show = (text) => {
      const now = performance.now();
      if (now - last < 1_000) return;
      last = now;
      stream.write(`${inShort(kernel)}: ${text}\n`);
    };
    line.show(line.text);
  }
}
