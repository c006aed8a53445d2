import t from 'tap';
import { classify } from '../../../harness/stack/classify.ts';
import { LAYERS, MODULES, ROWS } from '../../../harness/stack/layer-table.ts';
import { attribute } from '../../../harness/stack/layers.ts';
import { attributed, copyUp, inShort, only, read } from './tables.ts';

t.test("given the mail's tables, then no frame is unknown", async (t) => {
  for (const text of [copyUp, read])
    t.strictSame(
      attribute(only(text).frames)
        .filter(({ layer, account }) => layer === 'unknown' || account.kind === 'unknown')
        .map(inShort),
      [],
    );
});

t.test('given the table of layers, then no name and no beginning stands in two rows', async (t) => {
  const all = ROWS.flatMap(({ names, prefixes }) => [
    ...(names?.split(' ') ?? []),
    ...(prefixes?.split(' ').map((prefix) => `${prefix}*`) ?? []),
  ]).map((name) => name.replace(/^_+/, ''));
  t.strictSame(
    all.filter((name, n) => all.indexOf(name) !== n),
    [],
  );
  t.notOk(all.includes(''), 'an empty beginning would be every function');
  for (const { layer } of [...ROWS, ...MODULES.values()]) t.ok(LAYERS.includes(layer));
});

t.test('given a function, then its module decides, then its whole name, then the longest beginning', async (t) => {
  for (const [name, module, layer] of [
    ['iomap_readahead', 'xfs', 'backing'],
    ['blk_mq_submit_bio', 'zram', 'driver'],
    ['ovl_open', 'overlay', 'overlay'],
    ['anything', 'virtio_blk', 'driver'],
    ['ovl_open', 'somebody_elses', 'unknown'],
    ['schedule', undefined, 'scheduler'],
    ['schedule_timeout', undefined, 'scheduler'],
    ['scheduled', undefined, 'unknown'],
    ['__blk_mq_alloc_requests', undefined, 'block'],
    ['___slab_alloc', undefined, 'memory'],
    ['blkdev_readahead', undefined, 'block'],
    ['backing_file_read_iter', undefined, 'glue'],
    ['__arm64_sys_openat', undefined, 'entry'],
    ['generic_file_splice_read', undefined, 'vfs'],
    ['do_file_open', undefined, 'vfs'],
    ['__es_insert_extent', undefined, 'backing'],
    ['kernel_init_free_pages', undefined, 'memory'],
    ['__remove_mapping', undefined, 'reclaim'],
    ['kthread_worker_fn', undefined, 'entry'],
    ['update_se', undefined, 'scheduler'],
    ['raw_irqentry_exit_cond_resched', undefined, 'interrupt'],
    ['__raw_spin_rq_lock_irqsave', undefined, 'scheduler'],
    ['(address)', undefined, 'unknown'],
    ['frobnicate', undefined, 'unknown'],
  ] as const)
    t.equal(classify(name, module).layer, layer, `${name} ${module ?? ''}`);
});

t.test(
  "given a module's functions, then its tag says which filesystem, as the name does of a built-in one",
  async (t) => {
    const tail = ['filemap_read', 'read_pages'];
    for (const [above, below, name] of [
      ['xfs_file_read_iter 16 [xfs]', 'xfs_vm_readahead 16 [xfs]', 'xfs'],
      ['xfs_file_read_iter', 'xfs_vm_readahead', 'xfs'],
      ['ext4_file_read_iter', 'ext4_readahead', 'ext4'],
      ['btrfs_file_read_iter 16 [btrfs]', 'btrfs_readahead 16 [btrfs]', 'btrfs'],
    ] as const)
      t.match(attributed('vfs_read', above, ...tail, below)[1], `backing, ${name}`);
  },
);

t.test('given overlays over each other, then each passage through the backing file begins the next', async (t) => {
  const one = ['ovl_read_iter', 'backing_file_read_iter', 'vfs_iter_read', 'do_iter_readv_writev'];
  t.strictSame(attributed('vfs_read', ...one, ...one, 'xfs_file_read_iter'), [
    'vfs_read: vfs, vfs',
    'ovl_read_iter: overlay, overlay 1',
    'backing_file_read_iter: glue, overlay 1',
    'vfs_iter_read: vfs, overlay 1',
    'do_iter_readv_writev: vfs, overlay 1',
    'ovl_read_iter: overlay, overlay 2',
    'backing_file_read_iter: glue, overlay 2',
    'vfs_iter_read: vfs, overlay 2',
    'do_iter_readv_writev: vfs, overlay 2',
    'xfs_file_read_iter: backing, xfs',
  ]);
});

t.test(
  'given functions of one overlay in a row, or only its inode touched between, then it is the same overlay',
  async (t) => {
    t.strictSame(
      attributed('do_dentry_open', 'ovl_open', 'ovl_copy_up_flags', 'touch_atime', 'ovl_update_time').slice(1),
      [
        'ovl_open: overlay, overlay 1',
        'ovl_copy_up_flags: overlay, overlay 1',
        'touch_atime: vfs, overlay 1',
        'ovl_update_time: overlay, overlay 1',
      ],
    );
  },
);

t.test(
  'given a directory read through two overlays, then the callback is on the account of the one that reads',
  async (t) => {
    const calls = ['iterate_dir', 'ovl_iterate', 'ovl_dir_read', 'iterate_dir', 'ovl_iterate'];
    t.equal(
      attributed(...calls, 'ovl_fill_merge').at(-1),
      'ovl_fill_merge: overlay, overlay 1',
      'the lower one has a cache',
    );
    t.equal(
      attributed(...calls, 'ovl_dir_read', 'iterate_dir', 'xfs_readdir', 'ovl_fill_merge').at(-1),
      'ovl_fill_merge: overlay, overlay 2',
    );
    t.equal(
      attributed('xfs_readdir', 'ovl_fill_merge').at(-1),
      'ovl_fill_merge: overlay, unknown',
      'nobody handed it down',
    );
  },
);

t.test('given erofs in a file on an overlay on erofs, then the second is another one', async (t) => {
  const level = ['filemap_read', 'read_pages', 'z_erofs_readahead', 'erofs_fileio_rq_submit', 'vfs_iocb_iter_read'];
  const accounts = attributed(
    'vfs_read',
    ...level,
    'ovl_read_iter',
    'backing_file_read_iter',
    ...level,
    'xfs_file_read_iter',
  ).map((line) => line.split(', ')[1]!);
  t.strictSame(accounts, [
    'vfs',
    ...Array<string>(5).fill('erofs'),
    'overlay 1',
    'overlay 1',
    ...Array<string>(5).fill('erofs 2'),
    'xfs',
  ]);
  t.equal(attributed(...level, ...level).at(-1), 'vfs_iocb_iter_read: vfs, erofs 2', 'also right on top of it');
});

t.test(
  'given the page cache, then it is of the filesystem whose pages it reads, by what is called deeper',
  async (t) => {
    t.equal(
      attributed('vfs_read', 'filemap_read', 'read_pages', 'z_erofs_readahead')[1],
      'filemap_read: page-cache, erofs',
    );
    t.equal(
      attributed('vfs_read', 'filemap_read', 'read_pages', 'ext4_readahead')[1],
      'filemap_read: page-cache, ext4',
    );
    t.equal(
      attributed('erofs_bread', 'read_cache_folio', 'filemap_read_folio', 'blkdev_read_folio')[1],
      'read_cache_folio: page-cache, block',
    );
  },
);

t.test(
  'given the page cache with nothing deeper, then it is of the caller, or the table does not show of whom',
  async (t) => {
    const shrink = [
      'try_charge_memcg',
      'try_to_free_mem_cgroup_pages',
      'shrink_lruvec',
      'super_cache_scan',
      'ext4_es_scan',
    ];
    t.equal(
      attributed('xfs_file_read_iter', 'filemap_add_folio', ...shrink)[1],
      'filemap_add_folio: page-cache, xfs',
      'reclaim says nothing of it',
    );
    t.equal(attributed('vfs_read', 'filemap_read', 'io_schedule')[1], 'filemap_read: page-cache, page-cache');
    t.equal(
      attributed('ovl_read_iter', 'backing_file_read_iter', 'filemap_read')[2],
      'filemap_read: page-cache, page-cache',
    );
    t.equal(
      attributed('erofs_fileio_rq_submit', 'vfs_iocb_iter_read', 'filemap_read')[2],
      'filemap_read: page-cache, page-cache',
    );
  },
);

t.test('given a library, then it has layer and account of its caller', async (t) => {
  t.equal(attributed('xfs_vm_readahead', 'iomap_readahead').at(-1), 'iomap_readahead: backing, xfs');
  t.equal(attributed('erofs_readahead', 'iomap_readahead').at(-1), 'iomap_readahead: erofs, erofs');
  t.equal(
    attributed('ext4_file_write_iter', 'jbd2_journal_start 16 [jbd2]').at(-1),
    'jbd2_journal_start: backing, ext4',
  );
  t.equal(attributed('z_erofs_decompress_queue', 'LZ4_decompress_safe').at(-1), 'LZ4_decompress_safe: erofs, erofs');
});

t.test("given what waits for nobody, then it is its caller's, and no reschedule", async (t) => {
  for (const [caller, callee, account] of [
    ['get_page_from_freelist', '_raw_spin_trylock', 'memory, memory'],
    ['__rmqueue_pcplist', '_raw_spin_lock_irqsave', 'memory, memory'],
    ['allocate_slab', 'chacha_permute', 'memory, memory'],
    ['xfs_buf_get 16 [xfs]', '__rcu_read_lock', 'backing, xfs'],
    ['blk_mq_dispatch_list', '__queue_work', 'block, block'],
  ] as const)
    t.equal(attributed('vfs_read', caller, callee).at(-1), `${callee}: ${account}`);
});

t.test('given reclaim, then all that it does is on its account, and an interrupt upon it on its own', async (t) => {
  t.strictSame(
    attributed(
      'filemap_add_folio',
      'try_to_free_pages',
      'shrink_folio_list',
      'swap_writepage',
      'submit_bio',
      'virtio_queue_rq 16 [virtio_blk]',
      'asm_sysvec_apic_timer_interrupt',
      'update_curr',
    ).slice(1),
    [
      'try_to_free_pages: reclaim, reclaim',
      'shrink_folio_list: reclaim, reclaim',
      'swap_writepage: reclaim, reclaim',
      'submit_bio: block, reclaim',
      'virtio_queue_rq: driver, reclaim',
      'asm_sysvec_apic_timer_interrupt: interrupt, interrupt',
      'update_curr: scheduler, interrupt',
    ],
  );
});

t.test(
  "given a task that goes to sleep, then what the scheduler does is its own, and requests it submits are the path's",
  async (t) => {
    t.strictSame(attributed('blk_mq_get_tag', 'io_schedule', '__schedule', 'frobnicate').slice(1), [
      'io_schedule: scheduler, scheduler',
      '__schedule: scheduler, scheduler',
      'frobnicate: unknown, scheduler',
    ]);
    t.strictSame(attributed('filemap_read', 'io_schedule', '__blk_flush_plug', 'blk_mq_flush_plug_list').slice(1), [
      'io_schedule: scheduler, scheduler',
      '__blk_flush_plug: block, block',
      'blk_mq_flush_plug_list: block, block',
    ]);
  },
);

t.test('given bare addresses, then at the top they are the trampoline, elsewhere nothing is guessed', async (t) => {
  t.strictSame(attributed('vfs_read', '0xffffffffc0a1d083', 'stack_trace_call'), [
    'vfs_read: vfs, vfs',
    '(address): tracer, tracer',
    'stack_trace_call: tracer, tracer',
  ]);
  t.strictSame(
    attributed('schedule', '0xffffffffc0a1d083', 'stack_trace_call', 'preempt_schedule_notrace', '__schedule')
      .slice(1)
      .map((line) => line.split(': ')[1]),
    ['tracer, tracer', 'tracer, tracer', 'scheduler, scheduler', 'scheduler, scheduler'],
    'the tracer is preempted',
  );
  t.equal(attributed('vfs_read', '0xffffffffc0a1d083').at(-1), '(address): tracer, tracer');
  t.equal(attributed('vfs_read', '0xffffffffc0a1d083', 'xfs_file_read_iter')[1], '(address): unknown, unknown');
});

t.test("given a loop device's worker, then loop is a layer and what it reads from another", async (t) => {
  t.strictSame(
    attributed(
      'ret_from_fork_asm',
      'kthread',
      'worker_thread',
      'process_one_work',
      'loop_process_work 16 [loop]',
      'lo_rw_aio 16 [loop]',
      'xfs_file_read_iter',
    ).slice(3),
    [
      'process_one_work: entry, entry',
      'loop_process_work: loop, loop',
      'lo_rw_aio: loop, loop',
      'xfs_file_read_iter: backing, xfs',
    ],
  );
});
