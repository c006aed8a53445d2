import t from 'tap';
import { UsageError } from '../../../vm/errors.ts';
import { KERNEL_SPEC_FORMS, parseKernelSpec } from '../../../vm/kernel/spec.ts';

t.test('given a spec of each form, then it is read', (t) => {
  const flavour = 'cloud-amd64';
  t.strictSame(parseKernelSpec('debian:6.17.13'), { kind: 'debian-version', version: '6.17.13', flavour });
  t.strictSame(parseKernelSpec('debian:6.17.13/amd64'), {
    kind: 'debian-version',
    version: '6.17.13',
    flavour: 'amd64',
  });
  t.strictSame(parseKernelSpec('debian:trixie-backports'), {
    kind: 'debian-suite',
    suite: 'trixie-backports',
    flavour,
  });
  t.strictSame(parseKernelSpec('deb:a.deb,dir/b.deb'), { kind: 'deb', files: ['a.deb', 'dir/b.deb'] });
  t.strictSame(parseKernelSpec('rpm:kernel-core.rpm,m.rpm'), { kind: 'rpm', files: ['kernel-core.rpm', 'm.rpm'] });
  t.strictSame(parseKernelSpec('tree:../linux'), { kind: 'tree', directory: '../linux' });
  t.strictSame(parseKernelSpec('image:vmlinuz,modules=m,config=c'), {
    kind: 'image',
    image: 'vmlinuz',
    modules: 'm',
    config: 'c',
  });
  t.strictSame(parseKernelSpec('image:a:b'), { kind: 'image', image: 'a:b', modules: undefined, config: undefined });
  t.strictSame(parseKernelSpec('host'), { kind: 'host' });
  t.end();
});

t.test('given a spec of no form, then every form is named', (t) => {
  for (const spec of ['', '6.17.13', 'fedora:41', 'host:', 'Debian:6.1', 'trees:x']) {
    const error = t.throws(() => parseKernelSpec(spec), UsageError, spec) as unknown as Error;
    for (const form of KERNEL_SPEC_FORMS) t.match(error.message, form);
  }
  t.end();
});

t.test('given a form with a part that cannot be meant, then that part is named', (t) => {
  const cases: readonly [string, RegExp][] = [
    ['debian:', /is not debian:VERSION/],
    ['debian:6.1/amd64/x', /is not debian:VERSION/],
    ['debian:6.1/arm64', /flavour 'arm64' is none of cloud-amd64, amd64/],
    ['debian:forked', /'forked' is neither a version .* nor one of the suites bullseye/],
    ['deb:', /empty/],
    ['deb:a.deb,', /empty/],
    ['rpm:', /empty/],
    ['rpm:a.rpm,,b.rpm', /empty/],
    ['tree:', /empty/],
    ['image:,config=c', /empty/],
    ['image:v,modules=', /'modules=' is not modules=DIR/],
    ['image:v,initrd=x', /'initrd=x' is not/],
    ['image:v,config=a,config=b', /each once/],
  ];
  for (const [spec, message] of cases) t.throws(() => parseKernelSpec(spec), { name: 'UsageError', message }, spec);
  t.end();
});
