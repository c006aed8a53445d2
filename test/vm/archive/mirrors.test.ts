import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { parseDeb822Sources, parseOneLineSources } from '../../../vm/archive/apt-sources.ts';
import { findMirrors, mirrorsOf, parseMirror } from '../../../vm/archive/mirrors.ts';

const deb822 = `Types: deb
# http://snapshot.example.org/archive/debian/20250520T000000Z
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

const oneLine = `# See sources.list(5)
deb http://mirror.example.org/debian trixie main contrib # the archive
deb-src http://mirror.example.org/debian trixie main
deb [ arch=amd64 signed-by=/k.gpg ] https://security.example.org/debian-security/ trixie-security main
#deb http://old.example.org/debian bullseye main
`;

t.test('given deb822 sources, then every stanza of type deb that is not disabled is read', (t) => {
  t.strictSame(parseDeb822Sources(deb822), [
    { uri: 'http://mirror.example.org/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] },
    { uri: 'http://mirror.example.org/debian-security', suites: ['bookworm-security'], components: ['main'] },
  ]);
  const folded =
    'Types: deb-src deb\nURIs: http://a.example.org/x\n http://b.example.org/x\nSuites:\n sid\nComponents: main';
  t.strictSame(
    parseDeb822Sources(folded).map(({ uri, suites }) => [uri, suites]),
    [
      ['http://a.example.org/x', ['sid']],
      ['http://b.example.org/x', ['sid']],
    ],
  );
  t.strictSame(parseDeb822Sources(`Enabled: no\n${deb822}`).length, 1);
  t.strictSame(parseDeb822Sources('Types: deb-src\nURIs: http://x\nSuites: sid'), []);
  t.strictSame(parseDeb822Sources(''), []);
  t.end();
});

t.test('given one-line sources, then lines of type deb are read, with or without options', (t) => {
  t.strictSame(parseOneLineSources(oneLine), [
    { uri: 'http://mirror.example.org/debian', suites: ['trixie'], components: ['main', 'contrib'] },
    { uri: 'https://security.example.org/debian-security', suites: ['trixie-security'], components: ['main'] },
  ]);
  t.strictSame(parseOneLineSources('deb http://only.example.org\nnonsense\n'), []);
  t.end();
});

t.test(
  'given sources, then the archives are those that name Debian suites, not other repositories of the same suite',
  (t) => {
    t.strictSame(mirrorsOf(parseOneLineSources(oneLine)), {
      main: 'http://mirror.example.org/debian',
      security: 'https://security.example.org/debian-security',
    });
    const others = parseOneLineSources(
      `deb http://vendor.example.org/debian bookworm main\ndeb cdrom:[x]/ bookworm main\ndeb http://ppa.example.org/ubuntu noble main`,
    );
    t.strictSame(mirrorsOf([...others, ...parseDeb822Sources(deb822)])?.main, 'http://mirror.example.org/debian');
    t.strictSame(mirrorsOf(parseOneLineSources('deb http://a.example.org/debian stable main')), {
      main: 'http://a.example.org/debian',
      security: 'http://a.example.org/debian-security',
    });
    t.equal(mirrorsOf(parseOneLineSources('deb http://a.example.org/ubuntu noble main')), undefined);
    t.equal(mirrorsOf([]), undefined);
    t.end();
  },
);

t.test('given --mirror, then it is taken, with the security archive beside it or said', (t) => {
  t.strictSame(parseMirror('https://m.example.org/debian/'), {
    main: 'https://m.example.org/debian',
    security: 'https://m.example.org/debian-security',
  });
  t.strictSame(parseMirror('file:/srv/mirror,file:/srv/security'), {
    main: 'file:/srv/mirror',
    security: 'file:/srv/security',
  });
  t.strictSame(parseMirror('file:/srv/mirror').security, undefined);
  for (const text of ['m.example.org/debian', 'a:/b,c:/d,e:/f', ',x', 'http://a b'])
    t.throws(() => parseMirror(text), { name: 'UsageError' }, text);
  t.end();
});

t.test(
  "given a machine's /etc/apt, then both forms and mirror lists are read; given another distribution's, then it is said what to do",
  async (t) => {
    delete process.env['FATHOM_MIRROR'];
    const etc = t.testdir({
      cloud: {
        'list.txt': 'http://near.example.org/debian/ priority:1\nhttp://far.example.org/debian\n',
        'sources.list.d': {},
      },
      ubuntu: { 'sources.list': 'deb http://a.example.org/ubuntu noble main\n' },
      none: {},
    });
    await writeFile(
      path.join(etc, 'cloud/sources.list.d/debian.sources'),
      deb822.replace('http://mirror.example.org/debian/', `mirror+file:${etc}/cloud/list.txt`),
    );
    t.strictSame(await findMirrors(undefined, path.join(etc, 'cloud')), {
      main: 'http://near.example.org/debian',
      security: 'http://mirror.example.org/debian-security',
    });
    for (const other of ['ubuntu', 'none'])
      await t.rejects(findMirrors(undefined, path.join(etc, other)), { name: 'UsageError', message: /--mirror URI/ });
    t.equal(
      (await findMirrors('http://said.example.org/debian', path.join(etc, 'none'))).main,
      'http://said.example.org/debian',
    );
    process.env['FATHOM_MIRROR'] = 'http://env.example.org/debian';
    t.teardown(() => delete process.env['FATHOM_MIRROR']);
    t.equal((await findMirrors(undefined, path.join(etc, 'none'))).main, 'http://env.example.org/debian');
  },
);
