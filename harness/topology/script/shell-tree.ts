/** Files, images and disks as a shell makes them. */
import { UnsupportedError, type DiskSpec, type ImageSpec, type TreeNode } from '../../../vm/machine.ts';
import { quoted } from './shell-word.ts';

type Directory = Extract<TreeNode, { kind: 'directory' }>;
type ErofsSpec = Extract<ImageSpec, { kind: 'erofs' }>;
type FileContent = Extract<TreeNode, { kind: 'file' }>['content'];

/** Given to every file of an image that names no time: 2020-01-01. */
const DEFAULT_MTIME = 1_577_836_800;

/** Writes the commands that make disks; each image is made once. */
export class TreeWriter {
  readonly #lines: string[] = [];
  /** Image → the shell's name of its file. */
  readonly #images = new Map<ImageSpec, string>();

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The disk of a slot: a file of that size, attached to a loop device that is found as `$loops/disk<slot>`. */
  addDisk(spec: DiskSpec, slot: number): void {
    const file = `"$work/disk${slot}"`;
    if (spec.filesystem === 'erofs') {
      if (spec.verity !== undefined)
        refuse('a dm-verity device', 'there is no dm-verity without veritysetup or dmsetup');
      const image = this.#image(spec.image);
      this.#lines.push(`cp ${image} ${file}`, `truncate -s ${spec.sizeBytes} ${file}`, `attach_disk ${slot}`);
      return;
    }
    this.#prepare(spec.tree);
    if (spec.filesystem === 'squashfs') {
      const tree = `"$work/disktree${slot}"`;
      this.#write(spec.tree, tree);
      this.#lines.push(`mksquashfs ${tree} ${file} -quiet -no-progress -noappend > /dev/null`, `attach_disk ${slot}`);
      return;
    }
    this.#lines.push(`truncate -s ${spec.sizeBytes} ${file}`, `${MAKERS[spec.filesystem]} ${file}`);
    this.#lines.push(`attach_disk ${slot}`, `mount -t ${spec.filesystem} "$loops/disk${slot}" "$filling"`);
    this.#write(spec.tree, '"$filling"');
    this.#lines.push('umount "$filling"');
  }

  /** Images first, since a tree that holds one is made while something else is mounted. */
  #prepare(tree: Directory): void {
    for (const node of nodesOf(tree)) if (node.kind === 'image' || node.kind === 'blob') this.#image(node.image);
  }

  #image(image: ImageSpec): string {
    const known = this.#images.get(image);
    if (known !== undefined) return known;
    if (image.kind === 'composefs') refuse('a composefs image', 'it takes mkcomposefs, and its objects its digests');
    this.#prepare(image.tree);
    const number = this.#images.size;
    const name = `"$work/image${number}.erofs"`;
    const tree = `"$work/tree${number}"`;
    this.#write(image.tree, tree);
    for (let blob = 0; blob < (image.blobs ?? 0); blob++) this.#lines.push(`: > "$work/image${number}.blob${blob}"`);
    this.#lines.push(['mkfs.erofs', '--quiet', ...optionsOf(image, number), name, tree].join(' '));
    this.#images.set(image, name);
    return name;
  }

  #write(tree: Directory, place: string): void {
    const visit = (node: TreeNode, path: string): void => {
      if (node.kind === 'link') return;
      this.#lines.push(...this.#making(node, path));
      if (node.kind === 'directory')
        for (const [name, inner] of Object.entries(node.entries)) visit(inner, `${path}/${quoted(name)}`);
      this.#lines.push(...metadataOf(node, path));
    };
    visit(tree, place);
    // What they are names of is there by now.
    this.#lines.push(...linksIn(tree, place, place));
  }

  #making(node: Exclude<TreeNode, { kind: 'link' }>, path: string): readonly string[] {
    switch (node.kind) {
      case 'directory':
        return [`mkdir -p ${path}`];
      case 'symlink':
        return [`ln -s -- ${quoted(node.target)} ${path}`];
      case 'whiteout':
        return [`mknod ${path} c 0 0`];
      case 'node':
        if (node.type === 'socket') refuse('a socket in an image', 'no program of a shell makes one');
        return [
          `mknod ${path} ${{ character: 'c', block: 'b', fifo: 'p' }[node.type]}${node.rdev === undefined ? '' : ` ${node.rdev.major} ${node.rdev.minor}`}`,
        ];
      case 'file':
        return [`${contentOf(node.content)} > ${path}`];
      case 'blob':
        return [`cp "$work/${this.#base(node.image)}.blob${node.index}" ${path}`];
      case 'image':
        if (node.damage !== undefined)
          refuse(
            'a damaged image',
            `mkfs.erofs makes none, and the place of ${node.damage[0]?.kind ?? 'the'} damage has to be found`,
          );
        if ((node.offsetBytes ?? 0) === 0) return [`cp ${this.#image(node.image)} ${path}`];
        return [`{ head -c ${node.offsetBytes} /dev/zero && cat ${this.#image(node.image)}; } > ${path}`];
    }
    return node satisfies never;
  }

  #base(image: ErofsSpec): string {
    return this.#image(image).replace(/^"\$work\/(.*)\.erofs"$/, '$1');
  }
}

/** A command that prints a file's contents: the same size as in fathom's guests, and other bytes where those are a cipher's. */
export function contentOf(content: FileContent): string {
  return content.kind === 'text'
    ? `printf %s ${quoted(content.text)}`
    : `seeded ${quoted(content.seed)} ${content.sizeBytes}`;
}

const MAKERS: Readonly<Record<Exclude<DiskSpec['filesystem'], 'erofs' | 'squashfs'>, string>> = {
  xfs: 'mkfs.xfs -q',
  ext4: 'mke2fs -q -t ext4 -F',
  btrfs: 'mkfs.btrfs -q',
};

function optionsOf(image: ErofsSpec, number: number): readonly string[] {
  const { compression, chunkBytes, blockBytes, features = [], uuid, forceUid, forceGid, metadataPclusterBytes } = image;
  const hasXattrs = nodesOf(image.tree).some(({ xattrs }) => xattrs !== undefined);
  const level = compression?.level === undefined ? '' : `,${compression.level}`;
  return [
    `-T${image.mtime ?? DEFAULT_MTIME}`,
    ...(uuid === undefined ? [] : [`-U${uuid}`]),
    ...(hasXattrs ? [] : ['-x-1']),
    ...(compression === undefined ? [] : [`-z${compression.algorithm}${level}`]),
    ...(compression?.pclusterBytes === undefined ? [] : [`-C${compression.pclusterBytes}`]),
    ...(metadataPclusterBytes === undefined ? [] : [`-m${metadataPclusterBytes}`]),
    ...(features.length === 0 ? [] : [`-E${features.join(',')}`]),
    ...(image.xattrPrefixes ?? []).map((prefix) => quoted(`--xattr-prefix=${prefix}`)),
    ...(blockBytes === undefined ? [] : [`-b${blockBytes}`]),
    ...(chunkBytes === undefined ? [] : [`--chunksize=${chunkBytes}`]),
    ...Array.from({ length: image.blobs ?? 0 }, (_none, blob) => `--blobdev="$work/image${number}.blob${blob}"`),
    ...(forceUid === undefined ? [] : [`--force-uid=${forceUid}`]),
    ...(forceGid === undefined ? [] : [`--force-gid=${forceGid}`]),
  ];
}

function metadataOf(node: TreeNode, path: string): readonly string[] {
  const { uid, gid, xattrs = {} } = node;
  const mode = node.kind === 'symlink' ? undefined : (node.mode ?? (node.kind === 'whiteout' ? 0 : undefined));
  return [
    ...(uid === undefined && gid === undefined ? [] : [`chown -h ${uid ?? 0}:${gid ?? 0} ${path}`]),
    ...(mode === undefined ? [] : [`chmod ${mode.toString(8).padStart(4, '0')} ${path}`]),
    ...Object.entries(xattrs).map(([name, value]) => `setfattr -h -n ${quoted(name)} -v 0x${hexOf(value)} ${path}`),
  ];
}

function hexOf(value: string | { readonly hex: string }): string {
  return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('hex') : value.hex;
}

function linksIn(node: TreeNode, path: string, root: string): readonly string[] {
  if (node.kind === 'link') return [`ln ${root}/${node.to.split('/').map(quoted).join('/')} ${path}`];
  if (node.kind !== 'directory') return [];
  return Object.entries(node.entries).flatMap(([name, inner]) => linksIn(inner, `${path}/${quoted(name)}`, root));
}

function nodesOf(tree: TreeNode): readonly TreeNode[] {
  return tree.kind === 'directory' ? [tree, ...Object.values(tree.entries).flatMap(nodesOf)] : [tree];
}

function refuse(what: string, why: string): never {
  throw new UnsupportedError(`${what} in a shell script`, {
    message: `a shell cannot make ${what}: ${why}`,
    remedy: '`fathom run` makes it in a guest',
  });
}
