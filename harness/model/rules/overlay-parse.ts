/** Parameters one by one, as the mount context takes them: 6.5 and later. params.c:ovl_parse_param */
import type { LowerPiece, OverlayParameter } from '../../topology/topology.ts';
import { refuseAloud, refuseParameter, type Attempt, type Stage } from './overlay-facts.ts';
import { elementsOf, endsInBackslash } from './overlay-lowerdir.ts';
import { takeOption, unrecognised } from './overlay-options.ts';
import { overlayParameters } from '../../topology/overlay-parameters.ts';
import { checkInContext, tooManyLowers } from './overlay-paths.ts';
import { isRefusal, literally, type Refusal } from './rule.ts';

/** O40, O42, and what is asked of each path, in the order in which the parameters are given. */
export const parseParameters: Stage = (attempt) => {
  for (const parameter of overlayParameters(attempt.subject.mount, attempt.subject.ownDirectory)) {
    const refusal = parse(attempt, parameter);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

function parse(attempt: Attempt, parameter: OverlayParameter): Refusal | undefined {
  switch (parameter.kind) {
    case 'lowerdir':
      return parseLowerdir(attempt, parameter.pieces);
    case 'layer':
      return parseLayer(attempt, parameter);
    case 'option':
      return takeOption(attempt, parameter);
  }
  return parameter satisfies never;
}

/** params.c:ovl_parse_layer */
function parseLayer(
  attempt: Attempt,
  { key, directory, as }: Extract<OverlayParameter, { kind: 'layer' }>,
): Refusal | undefined {
  const { subject, behaviours } = attempt;
  if (!behaviours.overlayOptionNames.has(key))
    return refuseParameter('O40', `there is no ${key}`, subject, `overlay: Unknown parameter '${literally(key)}'`);
  /** O42: fs_parser.c:fs_param_bad_value, where a layer can only be a string. */
  if (as === 'descriptor' && !behaviours.overlayLayerDescriptors)
    return refuseParameter(
      'O42',
      'layers cannot be given as descriptors',
      subject,
      `overlay: Bad value for '${literally(key)}'`,
    );
  const place = checkInContext(attempt, directory, key);
  if (isRefusal(place)) return place;
  if (key === 'upperdir') {
    attempt.given.upperdir = directory;
    attempt.upper = place;
  } else if (key === 'workdir') {
    attempt.given.workdir = directory;
    attempt.work = place;
  } else {
    attempt.lowers.push(place);
    if (key === 'datadir+') attempt.dataOnly++;
  }
  return undefined;
}

/** O17, O19, O18, O6, O20. params.c:ovl_parse_param_lowerdir, ovl_parse_param_split_lowerdirs */
function parseLowerdir(attempt: Attempt, pieces: readonly LowerPiece[]): Refusal | undefined {
  attempt.lowers.length = 0;
  attempt.dataOnly = 0;
  attempt.lowerdirGiven = false;
  const [first] = pieces;
  if (first === undefined) return undefined;
  if (typeof first === 'string' && first !== '\\')
    return refuseAloud('O17', 'lowerdir begins with a colon', 'cannot append lower layer');
  attempt.lowerdirGiven = true;
  const split = splitRefusal(attempt, pieces);
  if (split !== undefined) return split;
  const elements = elementsOf(pieces);
  const layers = elements.filter((element) => element !== undefined);
  const tooMany = tooManyLowers(layers.length, attempt);
  if (tooMany !== undefined) return tooMany;
  let isData = false;
  for (const element of elements) {
    // Between `::` there is nothing: a data-only lower follows.
    if (element === undefined) {
      isData = true;
      continue;
    }
    if (!isData && attempt.dataOnly > 0)
      return refuseAloud('O20', 'a lower after data-only ones', 'regular lower layers cannot follow data lower layers');
    const place = checkInContext(attempt, element, 'lowerdir');
    if (isRefusal(place)) return place;
    attempt.lowers.push(place);
    if (isData) attempt.dataOnly++;
    isData = false;
  }
  return undefined;
}

function splitRefusal({ behaviours }: Attempt, pieces: readonly LowerPiece[]): Refusal | undefined {
  if (pieces.includes(':::'))
    return refuseAloud(
      'O18',
      'three colons in lowerdir',
      "only single ':' or double '::' sequences of unescaped colons in lowerdir mount option allowed\\.",
    );
  /** O19: it says nothing. */
  if (endsInBackslash(pieces) && behaviours.overlayTrailingBackslash === 'refused')
    return { rule: 'O19', errno: 'EINVAL', messages: [], why: 'lowerdir ends in a backslash that escapes nothing' };
  const last = pieces.at(-1);
  return typeof last === 'string' && last !== '\\'
    ? refuseAloud('O18', 'lowerdir ends in a colon', 'unescaped trailing colons in lowerdir mount option\\.')
    : undefined;
}

/** More paths than these fill the page that a context before 6.5 collects its options in. */
const MANY_LAYERS = 400;

/** CH3: fs_context.c:legacy_parse_param */
function tooLong(): Refusal {
  return {
    rule: 'O6',
    errno: 'EINVAL',
    messages: [
      {
        rule: 'O6',
        channel: 'context',
        pattern: /^e VFS: Legacy: Cumulative options too large$/,
        presence: 'required',
      },
    ],
    why: 'the options are longer than a page',
  };
}

/**
 * Before 6.5: options only, and no path is looked up. O40, and O42 for descriptors.
 * super.c:ovl_parse_opt
 */
export const parseOptions: Stage = (attempt) => {
  const { subject } = attempt;
  const parameters = overlayParameters(subject.mount, subject.ownDirectory);
  const descriptor = parameters.find((parameter) => parameter.kind === 'layer' && parameter.as === 'descriptor');
  /** O42: fs/fsopen.c:fsconfig, of a filesystem without a context of its own. */
  if (descriptor !== undefined)
    return { rule: 'O42', errno: 'EOPNOTSUPP', messages: [], why: 'this overlayfs takes text only' };
  const manyLayers = subject.api === 'fsopen' && parameters.filter(({ kind }) => kind === 'layer').length > MANY_LAYERS;
  if (manyLayers) return tooLong();
  for (const parameter of parameters) {
    if (parameter.kind === 'lowerdir' && parameter.pieces.length === 0)
      return unrecognised({ key: 'lowerdir', value: '' });
    if (parameter.kind === 'lowerdir') attempt.given.lowerdir = parameter.pieces;
    else if (parameter.kind === 'option') {
      const refusal = takeOption(attempt, parameter);
      if (refusal !== undefined) return refusal;
    } else if (parameter.key === 'lowerdir+' || parameter.key === 'datadir+')
      return refuseAloud(
        'O40',
        `there is no ${parameter.key}`,
        `unrecognized mount option "${literally(parameter.key)}=.*" or missing value`,
      );
    else attempt.given[parameter.key] = parameter.directory;
  }
  return undefined;
};
