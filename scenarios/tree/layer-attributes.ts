import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import {
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
  whiteout,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

/** Layers that carry what an overlay wrote into them once: opaque directories, whiteouts, redirects, metacopies. */
const top = erofsImage({
  opaque: directory({ own: text('own') }, { xattrs: { 'trusted.overlay.opaque': 'y' } }),
  merged: directory({ gone: whiteout(), own: text('own') }),
  hidden: whiteout(),
  moved: directory({ above: text('above') }, { xattrs: { 'trusted.overlay.redirect': '/before' } }),
  beside: directory({}, { xattrs: { 'trusted.overlay.redirect': 'sibling' } }),
  before: whiteout(),
  sibling: whiteout(),
  meta: file('same size', 3000, {
    zeros: 1,
    mode: 0o600,
    xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': '/data' },
  }),
});
const bottom = erofsImage({
  opaque: directory({ hidden: text('hidden') }),
  merged: directory({ gone: text('gone'), kept: text('kept') }),
  hidden: text('hidden'),
  before: directory({ below: text('below') }),
  sibling: directory({ there: text('there') }),
  data: file('data', 3000),
});
const root = disk('xfs', { 'top.erofs': imageFile(top), 'bottom.erofs': imageFile(bottom) });
const above = erofs(loop(fileIn(root, 'top.erofs')));
const below = erofs(loop(fileIn(root, 'bottom.erofs')));
const following = overlay({ lower: [above, below], upper: root, redirect_dir: 'on', metacopy: 'on' });
const refusing = overlay({ lower: [above, below], redirect_dir: 'nofollow', metacopy: 'off' });
const byUser = overlay({ lower: [above, below], userxattr: true });

export default scenario({
  name: 'layer-attributes',
  shows: 'Attributes and whiteouts in a lower layer: what is followed, what is hidden, what is refused, by option.',
  about: ['T2', 'T3', 'T4', 'T5'],
  steps: [
    mount('top', above),
    mount('bottom', below),
    mount('following', following),
    list('all is followed', following),
    ...changes(
      'change',
      following,
      to.append('meta', '!'),
      to.chmod('moved/below', 0o600),
      to.create('opaque/new'),
      to.rename('moved', 'again'),
    ),
    list('afterwards', following),
    upper('the upper', following),
    mount('refusing', refusing),
    list('what is refused', refusing),
    mount('by user attributes', byUser),
    list('trusted ones are as any others', byUser),
    unchanged('the top', above),
  ],
});
