/** Kernels made of the model are told for what they are, from whatever their version suggests. */
import t from 'tap';
import { BATTERY } from '../../../harness/identify/battery.ts';
import { FACETS } from '../../../harness/identify/facets.ts';
import { departures, identify } from '../../../harness/identify/identify.ts';
import { signatureOf } from '../../../harness/identify/experiment.ts';
import { othersOf } from '../../../harness/identify/nearest.ts';
import { predict } from '../../../harness/model/predict.ts';
import { profileOf, type Profile } from '../../../harness/model/profile.ts';
import { digest } from '../../../harness/run/digest.ts';
import { validateScenario } from '../../../harness/topology/validate.ts';
import { DEBIAN, version } from '../model/kernels.ts';
import { experimentsOn } from './fake-kernel.ts';

const ERAS = [
  '5.10.262',
  '6.1.192',
  '6.12.57',
  '6.12.117',
  '6.16.12',
  '6.17.8',
  '6.17.13',
  '6.18.5',
  '6.18.9',
  '7.0.13',
  '7.2.13',
  '7.3.4',
];

function profile(text: string): Profile {
  return profileOf({ version: version(text), config: new Map(Object.entries(DEBIAN)) });
}

t.test('the battery can be meant, and its scenarios have names of their own', (t) => {
  for (const scenario of BATTERY) t.doesNotThrow(() => validateScenario(scenario), scenario.name);
  t.equal(new Set(BATTERY.map(({ name }) => name)).size, BATTERY.length);
  t.end();
});

/** A facet's values of which some step says something else, in one era at least. */
for (const facet of FACETS)
  t.test(
    `${facet.name} is ${facet.kept === undefined ? 'told by a step of the battery' : 'told by none, as it says'}`,
    (t) => {
      const signatures = (behaviours: Profile['behaviours']) =>
        BATTERY.flatMap((scenario) => predict(scenario, behaviours).map(({ prediction }) => signatureOf(prediction)));
      const told = ERAS.filter((era) => {
        const { behaviours } = profile(era);
        const own = signatures(behaviours).join('\n');
        return othersOf(facet, behaviours).some((other) => signatures(other.behaviours).join('\n') !== own);
      });
      if (facet.kept === undefined)
        t.not(told.length, 0, 'give the battery a step for it, or say in facets.ts why it has none');
      else t.strictSame(told, [], `a step depends on it, so it is not to be kept: ${facet.kept}`);
      t.end();
    },
  );

for (const era of ERAS)
  t.test(`given a kernel as ${era}, then it is what its version suggests, and nothing departs`, (t) => {
    const own = profile(era);
    const { profile: found, findings, misfits } = identify(own, experimentsOn(own.behaviours, BATTERY), digest);
    t.strictSame(found.behaviours, own.behaviours);
    t.equal(found.origin, `found by experiment: as version ${era} suggests`);
    t.strictSame(departures(findings), []);
    t.strictSame(misfits, []);
    t.strictSame(
      findings.filter(({ kind }) => kind === 'unfit'),
      [],
    );
    for (const name of ['erofsStacking', 'fileBacked', 'maxStackDepth', 'erofsMessages', 'overlayOptions'])
      t.equal(findings.find(({ facet }) => facet === name)?.kind, 'told', name);
    t.end();
  });

/** As far from each other as kernels are: the experiment, and not the version, says what the kernel is. */
const BACKPORTS = [
  ['6.1.192', '6.18.9'],
  ['6.17.8', '6.17.13'],
  ['6.18.9', '6.12.57'],
  ['7.3.4', '5.10.262'],
  ['5.10.262', '7.3.4'],
] as const;

for (const [suggestion, era] of BACKPORTS)
  t.test(
    `given a kernel that does as ${era} and is called ${suggestion}, then all that is told is as ${era} has it`,
    (t) => {
      const own = profile(era);
      const {
        findings,
        misfits,
        profile: found,
      } = identify(profile(suggestion), experimentsOn(own.behaviours, BATTERY), digest);
      t.strictSame(misfits, []);
      t.equal(found.name, own.name);
      t.match(
        found.origin,
        /^found by experiment: departs from what version .* suggests; .*(?:erofsStacking|fileBacked)/,
      );
      for (const { facet: name, kind, value, values } of findings) {
        const real = FACETS.find((facet) => facet.name === name)!.of(own.behaviours);
        if (kind === 'told') t.equal(value, real, name);
        else if (kind !== 'kept')
          t.ok(values.includes(real), `${name} is ${kind}, and ${String(real)} among ${values.join()}`);
      }
      t.end();
    },
  );
