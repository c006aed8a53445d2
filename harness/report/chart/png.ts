/** A chart as PNG. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const SCALE = 2;
const FONT = 'DejaVu Sans';
const RENDERER = '@resvg/resvg-wasm/index_bg.wasm';
const FONT_FILES = [400, 700].map((weight) => `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`);

type Render = (svg: string) => Uint8Array;
let renderer: Promise<Render> | undefined;

/**
 * At twice the size that the SVG gives, with the package's own font and never the machine's: a bare machine has none,
 * and the same chart is to be the same picture everywhere.
 */
export async function chartPng(svg: string): Promise<Uint8Array> {
  return (await (renderer ??= load()))(svg);
}

/** Only when there is a picture to make: it takes 2 MB and some 100 ms. It can be initialised once in a process. */
async function load(): Promise<Render> {
  const { resolve } = createRequire(import.meta.url);
  const [{ initWasm, Resvg }, program, ...fonts] = await Promise.all([
    import('@resvg/resvg-wasm'),
    readFile(resolve(RENDERER)),
    ...FONT_FILES.map(async (file) => readFile(resolve(file))),
  ]);
  await initWasm(program);
  return (svg) => {
    const resvg = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: SCALE },
      font: { fontBuffers: fonts, defaultFontFamily: FONT, sansSerifFamily: FONT },
    });
    const image = resvg.render();
    try {
      return image.asPng();
    } finally {
      // Memory of WebAssembly is not collected.
      image.free();
      resvg.free();
    }
  };
}
