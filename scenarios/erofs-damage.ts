/** How the damaged images of scenarios/erofs/ are tried: each as a file and on a loop device, and then an intact one. */
import { mount, read, type Step } from '../harness/scenario.ts';
import {
  damagedImageFile,
  directory,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  text,
  type Damage,
  type ErofsSpec,
} from '../harness/topology/builders.ts';

/** Files that are hurt, and one beside each that is not. */
export const victims: ErofsSpec = erofsImage(
  {
    whole: text('whole\n'),
    hurt: file('hurt', 20_000, { zeros: 0 }),
    sub: directory({ hurt: text('below\n'), whole: text('also below\n') }),
  },
  { features: ['noinline_data'] },
);

export interface Case {
  readonly image?: ErofsSpec;
  readonly damage: readonly Damage[];
  /** What is read when it mounts. */
  readonly reads: readonly string[];
}

export function damageSteps(cases: Readonly<Record<string, Case>>): readonly Step[] {
  const images = Object.entries(cases).map(([name, one], index) => ({ name, file: `${index}.erofs`, ...one }));
  const store = disk('ext4', {
    ...Object.fromEntries(
      images.map(({ file: path, image = victims, damage }) => [path, damagedImageFile(image, damage)]),
    ),
    'intact.erofs': imageFile(victims),
  });
  const tried = images.flatMap(({ name, file: path, reads }) => {
    const source = fileIn(store, path);
    const ways = [
      ['from a file', erofs(source)],
      ['on loop', erofs(loop(source))],
    ] as const;
    return ways.flatMap(([how, mounted]) => [
      mount(`${name}, ${how}`, mounted),
      ...reads.map((each) => read(`${name}, ${how}: ${each}`, fileIn(mounted, each))),
    ]);
  });
  const intact = erofs(loop(fileIn(store, 'intact.erofs')));
  return [...tried, mount('an intact image', intact), read('an intact image: hurt', fileIn(intact, 'hurt'))];
}
