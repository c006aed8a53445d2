/**
 * Which function belongs to which layer, as data. A module's tag decides first (MODULES); a function without one is
 * built in, and is known by its whole name or by the longest prefix that fits (ROWS). Names are without leading
 * underscores and without the compiler's suffixes. What no row knows is `unknown`: nothing is guessed.
 */

export const LAYERS = [
  'entry',
  'vfs',
  'overlay',
  'glue',
  'erofs',
  'loop',
  'backing',
  'page-cache',
  'reclaim',
  'memory',
  'block',
  'driver',
  'scheduler',
  'interrupt',
  'tracer',
  'unknown',
] as const;
export type Layer = (typeof LAYERS)[number];

export interface Rule {
  readonly layer: Layer;
  /** Why, for whoever doubts it. */
  readonly why: string;
  /** Which one, of the backing filesystems. */
  readonly filesystem?: string;
  /**
   * What it means for whose account the frames are on:
   * `passes`: opens, reads or writes another file, so a filesystem met deeper is another instance;
   * `library`: works for its caller, and has the caller's layer and account;
   * `callback`: called back by what its overlay reads from, and on the account of that overlay.
   */
  readonly role?: 'passes' | 'library' | 'callback';
}

interface Row extends Rule {
  /** Whole names, separated by spaces. */
  readonly names?: string;
  /** Beginnings of names, separated by spaces. */
  readonly prefixes?: string;
}

const backing = (filesystem: string): Rule => ({ layer: 'backing', filesystem, why: `module ${filesystem}` });
const modules = (rule: Omit<Rule, 'why'>, names: string): [string, Rule][] =>
  names.split(' ').map((name) => [name, { ...rule, why: `module ${name}` }]);

const FILESYSTEMS = 'xfs ext4 btrfs f2fs bcachefs jfs gfs2 ocfs2 nfs cifs ceph 9p ntfs3 exfat vfat fat fuse squashfs';

export const MODULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...FILESYSTEMS.split(' ').map((name): [string, Rule] => [name, backing(name)]),
  ...modules({ layer: 'backing', filesystem: 'fuse' }, 'virtiofs'),
  ...modules({ layer: 'backing', filesystem: 'nfs' }, 'nfsv3 nfsv4'),
  ...modules({ layer: 'backing', filesystem: 'ext4', role: 'library' }, 'jbd2 mbcache netfs fscache'),
  ...modules({ layer: 'overlay' }, 'overlay'),
  ...modules({ layer: 'erofs' }, 'erofs'),
  ...modules(
    { layer: 'erofs', role: 'library' },
    'lz4_decompress zstd_decompress xz_dec lz4 zstd deflate zlib_inflate',
  ),
  ...modules({ layer: 'loop' }, 'loop'),
  ...modules(
    { layer: 'driver' },
    'virtio_blk virtio_scsi virtio_pci virtio_ring virtio scsi_mod sd_mod sr_mod scsi_common',
  ),
  ...modules(
    { layer: 'driver' },
    'nvme nvme_core nvme_fabrics ahci libahci libata ata_piix mptspi vmw_pvscsi hv_storvsc',
  ),
  ...modules({ layer: 'driver' }, 'dm_mod dm_verity dm_crypt dm_thin_pool dm_snapshot dm_bufio raid1 raid456 md_mod'),
  ...modules({ layer: 'driver' }, 'zram xen_blkfront null_blk mmc_block mmc_core brd nbd'),
  ...modules({ layer: 'memory' }, 'zsmalloc'),
]);

const named = (filesystem: string, prefixes: string): Row => ({
  layer: 'backing',
  filesystem,
  prefixes,
  why: `${filesystem}, built in`,
});

export const ROWS: readonly Row[] = [
  {
    layer: 'entry',
    names:
      'entry_SYSCALL_64_after_hwframe entry_SYSCALL_64_fastpath system_call_fastpath do_syscall_64 x64_sys_call ' +
      'entry_SYSENTER_compat_after_hwframe entry_INT80_compat do_fast_syscall_32 do_int80_emulation ' +
      'el0t_64_sync el0t_64_sync_handler el0_svc do_el0_svc invoke_syscall el0_svc_common ret_fast_syscall',
    prefixes:
      'do_preadv do_pwritev do_readv do_writev do_fsync x64_sys_ ia32_sys_ arm64_sys_ se_sys_ do_sys_ SyS_ sys_ ksys_',
    why: 'from the entry into the kernel to the body of the system call',
  },
  {
    layer: 'entry',
    names:
      'ret_from_fork ret_from_fork_asm kthread worker_thread process_one_work process_scheduled_works rescuer_thread kthread_worker_fn',
    why: 'the foot of a kernel thread',
  },
  {
    layer: 'entry',
    names:
      'asm_exc_page_fault exc_page_fault do_user_addr_fault handle_mm_fault handle_pte_fault do_fault do_read_fault ' +
      'do_cow_fault do_shared_fault do_pte_missing do_fault_around do_page_mkwrite do_wp_page el0_da do_mem_abort do_page_fault',
    why: 'a page fault, through which a mapping is read',
  },

  {
    layer: 'vfs',
    role: 'passes',
    names:
      'do_splice_direct do_splice splice_direct_to_actor direct_splice_actor splice_file_to_pipe iter_file_splice_write do_splice_read ' +
      'do_splice_from do_iter_readv_writev do_iter_read do_iter_write do_loop_readv_writev kernel_read kernel_write ' +
      'iterate_dir wrap_directory_iterator do_dentry_open dentry_open dentry_open_nonotify file_open_name filp_open do_filp_open do_file_open path_openat ' +
      'notify_change lookup_one_unlocked lookup_one_positive_unlocked lookup_slow lookup_one_len_unlocked lookup_one ' +
      'call_read_iter call_write_iter new_sync_read new_sync_write do_fallocate do_truncate',
    prefixes: 'vfs_ kernel_file_open',
    why: 'the VFS, on its way into a file of some filesystem',
  },
  {
    layer: 'vfs',
    names:
      'touch_atime atime_needs_update file_accessed file_update_time file_modified file_remove_privs mark_inode_dirty ' +
      'link_path_walk walk_component open_last_lookups open_exec bprm_execve exec_binprm search_binary_handler load_elf_binary ' +
      'elf_read evict iput dput d_lookup d_alloc splice_from_pipe do_sendfile rw_verify_area terminate_walk fput ' +
      'begin_new_exec setup_arg_pages shift_arg_pages relocate_vma_down move_page_tables elf_load vm_mmap_pgoff step_into listxattr ' +
      'copy_splice_read generic_file_splice_read iterate_supers filldir filldir64 core_sys_select do_select ksys_mmap_pgoff mmap_region do_mmap',
    prefixes:
      'path_ lookup_ filename_ do_open do_last inode_ d_ generic_update_time generic_fillattr security_ selinux_ apparmor_ tomoyo_ ' +
      'fsnotify ima_ evm_ mnt_want_ do_execve do_renameat do_linkat do_unlinkat do_mkdirat do_readlinkat do_fchmod do_fchown chmod_common ' +
      'chown_common do_utimes writeback_ wb_ wbc_ do_writepages setxattr getxattr do_setxattr do_getxattr file_setxattr posix_acl_',
    why: 'the VFS and the security modules that it asks',
  },

  { layer: 'overlay', prefixes: 'ovl_', why: 'overlayfs, built in' },
  {
    layer: 'overlay',
    role: 'callback',
    names: 'ovl_fill_merge ovl_fill_lowest ovl_fill_lower ovl_fill_real ovl_check_d_type',
    why: 'called by the directory below for each name, for the overlay that reads it',
  },
  {
    layer: 'glue',
    role: 'passes',
    prefixes: 'backing_file_ backing_tmpfile_ backing_aio_',
    why: 'fs/backing-file.c: from a stacked file to the one below it',
  },

  { layer: 'erofs', prefixes: 'erofs_ z_erofs_', why: 'erofs, built in' },
  {
    layer: 'erofs',
    role: 'library',
    prefixes: 'LZ4_ ZSTD_ xz_dec zlib_inflate FSE_ HUF_',
    why: 'decompression for the caller',
  },
  { layer: 'loop', names: 'lo_rw_aio lo_read_simple lo_submit_rw_aio', prefixes: 'loop_', why: 'drivers/block/loop.c' },

  named('xfs', 'xfs_ xlog_'),
  named('ext4', 'ext4_ es_insert_extent es_remove_extent'),
  named('btrfs', 'btrfs_'),
  named('f2fs', 'f2fs_'),
  named('fuse', 'fuse_'),
  named('tmpfs', 'shmem_'),
  named('nfs', 'nfs_ nfs4_'),
  named('squashfs', 'squashfs_'),
  named('ecryptfs', 'ecryptfs_'),
  {
    layer: 'backing',
    role: 'library',
    prefixes:
      'iomap_ jbd2_ mpage_ fscrypt_ fsverity_ block_read_full_ block_write_ bh_ do_mpage_ netfs_ ifs_ getblk_ bread_ ' +
      'grow_buffers alloc_buffer_head do_get_write_access',
    why: 'works for the filesystem that calls it',
  },

  {
    layer: 'page-cache',
    names:
      'read_pages do_page_cache_ra ondemand_readahead do_read_cache_folio read_cache_folio read_cache_page read_cache_page_gfp ' +
      'generic_file_read_iter generic_file_buffered_read generic_file_direct_write generic_perform_write ' +
      'generic_file_write_iter splice_folio_into_pipe copy_page_to_iter copy_folio_to_iter grab_cache_page_write_begin ' +
      'wait_on_page_bit wait_on_page_bit_common add_to_page_cache_lru add_to_page_cache_locked do_read_cache_page find_get_entry file_write_and_wait_range write_cache_pages ' +
      'force_page_cache_readahead do_generic_file_read pagecache_get_page',
    prefixes:
      'filemap_ page_cache_ force_page_cache_ra read_mapping_ folio_wait_ folio_lock folio_batch_ readahead_ do_sync_mmap_readahead ' +
      'do_async_mmap_readahead do_page_cache_readahead generic_file_',
    why: 'the page cache and readahead, of the file whose pages they fill',
  },

  {
    layer: 'reclaim',
    names:
      'try_to_free_pages try_to_free_mem_cgroup_pages do_try_to_free_pages shrinker_alloc pageout swap_writepage swap_writeout ' +
      'super_cache_scan super_cache_count balance_dirty_pages try_to_unmap try_to_unmap_flush add_to_swap folio_referenced ' +
      'get_scan_count workingset_refault lru_gen_shrink_lruvec mem_cgroup_handle_over_high mem_cgroup_out_of_memory out_of_memory ' +
      'kswapd balance_pgdat isolate_lru_folios evict_folios lru_add_drain remove_mapping demote_folio_list try_to_shrink_lruvec ' +
      'invalid_folio_referenced_vma',
    prefixes:
      'shrink_ do_shrink_slab reclaim_ node_reclaim balance_dirty_pages try_to_compact direct_compact compact_ zswap_ ' +
      'rmap_walk',
    why: 'reclaim: memory is made free for whoever asked for it',
  },
  {
    layer: 'memory',
    names:
      'get_page_from_freelist cond_accept_memory rmqueue prep_new_page new_slab allocate_slab slab_alloc slab_alloc_node get_partial_node ' +
      'cache_alloc_refill pcs_replace_empty_main try_charge try_charge_memcg charge_memcg obj_cgroup_charge get_mem_cgroup_from_mm kvmalloc_node ' +
      'vmalloc_node_range alloc_from_pcs rmqueue_bulk should_failslab post_alloc_hook clear_page_erms ' +
      'refill_sheaf slab_out_of_memory memcg_charge_kmem consume_stock zone_watermark_ok clear_highpages_kasan_tagged kernel_init_free_pages uncharge_folio ' +
      'get_free_pages is_vmalloc_addr kvfree_call_rcu alloc_new_pud pud_alloc pmd_alloc pte_alloc pte_alloc_one',
    prefixes:
      'alloc_pages alloc_frozen_ alloc_pool folio_alloc folio_prealloc kmalloc kmem_cache_ kvmalloc kzalloc krealloc mempool_ ' +
      'mem_cgroup_ memcg_ slab_ vmalloc rmqueue_ obj_cgroup_ alloc_slab pcpu_alloc free_unref kfree refill_objects',
    why: 'the allocators, and the charge to a memory cgroup',
  },

  {
    layer: 'page-cache',
    role: 'library',
    prefixes: 'xas_ xa_ radix_tree_ idr_ mas_ rb_ list_lru_ workingset_update_node',
    why: 'the index of the caller',
  },
  {
    layer: 'entry',
    role: 'library',
    prefixes: 'rcu_read_ srcu_read_ raw_spin_lock raw_spin_trylock raw_spin_unlock raw_read_ raw_write_ pte_offset_map',
    why: 'taken and let go without waiting, for the caller',
  },
  {
    layer: 'memory',
    role: 'library',
    prefixes: 'get_random_ crng_ chacha_',
    why: 'random numbers for the caller: the allocator shuffles its lists',
  },
  {
    layer: 'entry',
    role: 'library',
    prefixes: 'queue_work queue_delayed_work mod_delayed_work kick_pool insert_work',
    why: 'work handed to a worker, for the caller',
  },
  {
    layer: 'entry',
    role: 'library',
    prefixes: 'hrtimer_start hrtimer_rearm clockevents_ ktime_get',
    why: 'a timer set for the caller',
  },

  {
    layer: 'block',
    names:
      'submit_bh submit_bh_wbc bdev_read_folio blkdev_read_folio blkdev_readahead blkdev_writepages generic_make_request ' +
      'ioc_create_icq wbt_wait rq_qos_wait elevator_init_mq laptop_io_completion sbitmap_get sbitmap_find_bit',
    prefixes:
      'blk_ blk_mq_ kblockd_ bio_ submit_bio bioset_ bvec_ blkdev_ bdev_ blkcg_ rq_qos_ elv_ dd_ bfq_ kyber_ wbt_ sbitmap_ disk_ part_ ' +
      'generic_make_request direct_make_request throtl_',
    why: 'the block layer, down to where a driver takes the request',
  },
  {
    layer: 'driver',
    names:
      'sg_alloc_table sg_alloc_table_chained sg_pool_alloc dma_map_sg_attrs dma_direct_map_sg dma_direct_map_page swiotlb_map',
    prefixes:
      'scsi_ sd_ sr_ virtio_ virtblk_ virtqueue_ virtscsi_ vring_ vp_ nvme_ dm_ verity_ crypt_ md_ ata_ ahci_ sg_ dma_ swiotlb_ ' +
      'zram_ iommu_ xen_blk blkif_ mmc_ mptscsih_ pvscsi_ iowrite ioread storvsc_ null_ nbd_',
    why: "the block device's driver, with scatter lists and mappings for DMA",
  },

  {
    layer: 'scheduler',
    names:
      'schedule io_schedule preempt_schedule preempt_schedule_common preempt_schedule_thunk preempt_schedule_irq cond_resched dynamic_cond_resched ' +
      'dequeue_task enqueue_task dequeue_entity enqueue_entity put_prev_entity set_next_entity context_switch finish_task_switch ' +
      'select_task_rq_fair ttwu_do_activate ttwu_queue_wakelist wait_for_completion wait_for_completion_io newidle_balance ' +
      'load_balance idle_balance find_busiest_group update_sd_lb_stats arch_scale_cpu_capacity cpu_util effective_cpu_util ' +
      'resched_curr update_se update_cfs_rq_load_avg vruntime_eligible record_times start_dl_timer min_vruntime_cb_rotate idle_cpu ' +
      'preempt_schedule_notrace preempt_schedule_notrace_thunk down rwsem_down_read_slowpath rwsem_down_write_slowpath mutex_lock_slowpath bit_wait_io wakeup_preempt check_preempt_wakeup_fair',
    prefixes:
      'schedule_ sched_ pick_next_ pick_task_ pick_eevdf update_curr update_load_avg update_rq_clock update_cfs_group try_to_wake_up ' +
      'wake_up psi_ dequeue_task_ enqueue_task_ dequeue_entities put_prev_task set_next_task cpuacct_ wait_on_bit out_of_line_wait_ wait_for_common ' +
      'autoremove_wake_ default_wake_ switch_mm raw_spin_rq_ io_schedule_ reweight_ place_entity mutex_ ttwu_ wait_woken rwsem_ down_ queued_spin_',
    why: 'waiting, also for locks, waking, and choosing who runs next',
  },
  {
    layer: 'interrupt',
    names:
      'common_interrupt do_IRQ ret_from_intr handle_softirqs do_softirq invoke_softirq irq_exit irq_exit_rcu irq_enter_rcu sysvec_apic_timer_interrupt ' +
      'smp_apic_timer_interrupt apic_timer_interrupt run_ksoftirqd el1h_64_irq el1h_64_irq_handler el1_interrupt el0_interrupt ' +
      'el1_irq do_interrupt_handler gic_handle_irq tick_sched_timer asm_exc_nmi exc_nmi reschedule_interrupt irqentry_exit',
    prefixes:
      'asm_sysvec_ sysvec_ asm_common_interrupt instr_sysvec_ common_interrupt handle_irq handle_edge_irq handle_fasteoi_irq ' +
      'call_on_irqstack hrtimer_interrupt update_process_times tick_ asm_call_irq irqentry_ raw_irqentry_ softirq_ call_on_stack',
    why: 'an interrupt that came upon the path',
  },
  {
    layer: 'tracer',
    names:
      'stack_trace_call check_stack stack_trace_save arch_stack_walk stack_trace_consume_entry ftrace_call ftrace_caller ftrace_regs_call ' +
      'ftrace_regs_caller ftrace_ops_list_func arch_ftrace_ops_list_func ftrace_ops_assist_func ftrace_trampoline fentry ' +
      'return_to_handler mcount ftrace_stub',
    prefixes: 'ftrace_graph_ function_graph_ function_trace_',
    why: "the tracer's own",
  },
];
