/** What Vagrant says of its machine, and one that has none. */
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { hostOf, openVagrant } from '../../../vm/vagrant/vagrant.ts';

const signal = AbortSignal.timeout(60_000);

t.test('given an ssh configuration, then its first host is named; given anything else, none', (t) => {
  t.equal(hostOf('Host default\n  HostName 192.168.121.2\n  User vagrant\nHost other\n'), 'default');
  t.equal(hostOf('The provider for this machine is not ready'), undefined);
  t.end();
});

t.test('given a program that says that there is no machine, then that is wrong use with its words', async (t) => {
  const directory = t.testdir();
  const program = path.join(directory, 'vagrant');
  await writeFile(program, '#!/bin/sh\necho "The machine is not created" >&2\nexit 1\n');
  await chmod(program, 0o755);
  const before = process.env['PATH'];
  process.env['PATH'] = `${directory}:${before}`;
  t.teardown(() => void (process.env['PATH'] = before));
  await t.rejects(openVagrant(directory, signal), {
    name: 'UsageError',
    message: '--machine vagrant: The machine is not created; is it up? vagrant up',
  });
});
