import t from 'tap';
import {
  checkConfig,
  configFragment,
  lackingOptions,
  optionOfModule,
  parseConfig,
  requireConfig,
  WANTED_OPTIONS,
} from '../../../vm/kernel/kconfig.ts';

const text = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.17.13 Kernel Configuration
CONFIG_CC_VERSION_TEXT="gcc-14 (Debian) 14.2.0"
CONFIG_EROFS_FS=m
CONFIG_EROFS_FS_ZIP=y
# CONFIG_EROFS_FS_DEBUG is not set
CONFIG_LOG_BUF_SHIFT=17
CONFIG_STACK_TRACER=m
CONFIG_OVERLAY_FS=n
`;

t.test('given a configuration, then what is set is read and what is not is absent', (t) => {
  t.strictSame(
    [...parseConfig(text)],
    [
      ['CC_VERSION_TEXT', 'gcc-14 (Debian) 14.2.0'],
      ['EROFS_FS', 'm'],
      ['EROFS_FS_ZIP', 'y'],
      ['LOG_BUF_SHIFT', '17'],
      ['STACK_TRACER', 'm'],
    ],
  );
  t.equal(parseConfig(text.replaceAll('\n', '\r\n')).get('EROFS_FS'), 'm');
  t.equal(parseConfig('').size, 0);
  t.end();
});

t.test('given options, then those that the kernel lacks are told; a module will do where it comes in time', (t) => {
  const kernel = { spec: 'x', config: parseConfig(text) };
  t.strictSame(checkConfig(kernel, ['EROFS_FS', 'EROFS_FS_ZIP', 'STACK_TRACER', 'OVERLAY_FS', 'LOG_BUF_SHIFT']), [
    'STACK_TRACER',
    'OVERLAY_FS',
    'LOG_BUF_SHIFT',
  ]);
  t.doesNotThrow(() => {
    requireConfig(kernel, ['EROFS_FS']);
  });
  t.throws(
    () => {
      requireConfig(kernel, ['EROFS_FS', 'OVERLAY_FS', 'SOMETHING']);
    },
    {
      name: 'UnsupportedError',
      missing: 'CONFIG_OVERLAY_FS, CONFIG_SOMETHING',
      remedy: /CONFIG_OVERLAY_FS=m\n(.|\n)*CONFIG_SOMETHING=y/,
    },
  );
  t.end();
});

t.test('given a kernel, then options that its version does not know are not missed', (t) => {
  const lacking = (minor: number): string[] =>
    lackingOptions({ version: { major: 6, minor, patch: 0, rc: undefined }, config: new Map() }).map(
      ({ name }) => name,
    );
  t.notOk(lacking(11).includes('EROFS_FS_BACKED_BY_FILE'));
  t.ok(lacking(12).includes('EROFS_FS_BACKED_BY_FILE'));
  t.ok(lacking(1).includes('EROFS_FS'));
  const all = parseConfig(configFragment());
  t.strictSame(
    lackingOptions({ version: { major: 7, minor: 3, patch: 0, rc: undefined }, config: all }),
    [],
    'the fragment is all it takes',
  );
  t.end();
});

t.test('given the fragment, then every option has its reason above it', (t) => {
  t.match(configFragment(), '# erofs mounted straight from a file; since 6.12\nCONFIG_EROFS_FS_BACKED_BY_FILE=y\n');
  t.equal(new Set(WANTED_OPTIONS.map(({ name }) => name)).size, WANTED_OPTIONS.length);
  t.equal(optionOfModule('dm-verity'), 'DM_VERITY');
  t.equal(optionOfModule('nothing'), undefined);
  t.end();
});
