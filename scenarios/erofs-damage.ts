/**
 * How the damaged images of scenarios/erofs/ are tried: each as a file and on a loop device, with an overlay on that, and
 * then an intact one.
 */
import { list, mount, read, type Step } from '../harness/scenario.ts';
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
  overlay,
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
  /** All of it is listed too, and read and listed through an overlay on it and on an intact image. */
  readonly lists?: boolean;
}

export function damageSteps(cases: Readonly<Record<string, Case>>): readonly Step[] {
  const images = Object.entries(cases).map(([name, one], index) => ({ name, file: `${index}.erofs`, ...one }));
  const store = disk('ext4', {
    ...Object.fromEntries(
      images.map(({ file: path, image = victims, damage }) => [path, damagedImageFile(image, damage)]),
    ),
    'intact.erofs': imageFile(victims),
  });
  const intact = erofs(loop(fileIn(store, 'intact.erofs')));
  const tried = images.flatMap(({ name, file: path, reads, lists = false }) => {
    const source = fileIn(store, path);
    const ways = [
      ['from a file', erofs(source)],
      ['on loop', erofs(loop(source))],
    ] as const;
    const over = overlay({ lower: [ways[1][1], intact] });
    return [
      ...ways.flatMap(([how, mounted]) => [
        mount(`${name}, ${how}`, mounted),
        ...reads.map((each) => read(`${name}, ${how}: ${each}`, fileIn(mounted, each))),
        ...(lists ? [list(`${name}, ${how}: all of it`, mounted)] : []),
      ]),
      ...(lists
        ? [
            mount(`overlay on ${name}`, over),
            ...reads.map((each) => read(`overlay on ${name}: ${each}`, fileIn(over, each))),
            list(`overlay on ${name}: all of it`, over),
          ]
        : []),
    ];
  });
  return [mount('an intact image', intact), ...tried, read('an intact image: hurt', fileIn(intact, 'hurt'))];
}
