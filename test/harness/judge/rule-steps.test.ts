/** Every rule that can be seen has a step in which it speaks and one in which it just does not. */
import t from 'tap';
import { ruleSteps } from '../../../harness/judge/rule-steps.ts';
import { RULE_IDS, RULES, type RuleId } from '../../../harness/model/rules/registry.ts';
import { loadScenarios } from '../../../harness/run/load-scenarios.ts';

const scenarios = await loadScenarios([]);
const steps = ruleSteps(scenarios);

/** Rules of the groups that this test holds to both sides, and why some have no step on kernels of Debian. */
const OPEN: Readonly<Partial<Record<RuleId, string>>> = {
  E2: 'every kernel of Debian is built with file-backed erofs',
  E9: 'no release has this way of stacking',
  E19: 'a damaged image',
  E20: 'a damaged image',
  E21: 'a damaged image',
  E22: 'an algorithm that the kernel is built without',
  E24: 'only where page-cache sharing is built',
  E25: 'only where page-cache sharing is built',
  E23: 'only where page-cache sharing is built',
  D5: 'eCryptfs',
  D6: 'eCryptfs',
  D7: 'a FUSE daemon',
  D8: 'a FUSE daemon',
  D9: 'a FUSE daemon',
};

for (const id of RULE_IDS.filter((id) => /^(CH|D|E|L)\d+$/.test(id))) {
  const { unobservable, untested, oneSided } = RULES[id];
  if (unobservable !== undefined || untested !== undefined || OPEN[id] !== undefined) continue;
  t.test(`${id}: some step triggers it, and some just does not`, (t) => {
    t.ok(steps.get(id)?.triggered, 'it speaks');
    if (oneSided === undefined) t.ok(steps.get(id)?.spared, 'it just does not');
    t.end();
  });
}

t.test('given a scenario about no rule, then it shows none of overlayfs by being mounted', (t) => {
  const silent = scenarios.map((scenario) => ({ ...scenario, about: [] }));
  t.equal(ruleSteps(silent).get('O42')?.spared, undefined);
  t.end();
});
