/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/harness/report/reporters.test.ts > TAP > given a run with every kind of verdict as it was recorded, then each form is as it was looked at > recorded: html 1`] = `
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>fathom: 66 steps: 10 agree, 5 disagree, 1 crashed, 1 hung, 48 unsupported, 1 broken (tcg)</title><style>
:root{color-scheme:light dark;--back:#fff;--text:#1a1a1a;--line:#ccc;--good:#e2f4e4;--bad:#fbd9d6;--odd:#fdf0cf;--known:#e3e8f7;--bar:#7aa2d8;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--back:#16181b;--text:#e4e4e4;--line:#444;--good:#17361c;--bad:#521d1a;--odd:#463a12;--known:#232c4a;--bar:#3d6aa6;--link:#8ab8f0}}
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem;background:var(--back);color:var(--text)}
h1{font-size:1.4rem}h2{font-size:1.1rem}a{color:var(--link)}
.outcome{margin:.2rem 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.7rem 0}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
tbody th{font-weight:normal}
td[colspan]{border-left-width:4px}
.agrees{background:var(--good)}.disagrees,.crashed,.hung{background:var(--bad)}.unsupported,.broken{background:var(--odd)}.known{background:var(--known)}
section{display:none;border-top:2px solid var(--line);margin-top:1rem}
section:target{display:block}
section>p{padding:.2rem .5rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.4rem;margin:.3rem 0;font-size:.85rem}
td p,details p{margin:.3rem 0;overflow-wrap:anywhere}summary{cursor:pointer}
.bar{position:relative;isolation:isolate;border:1px solid var(--line);margin:.2rem 0;padding:0 .4rem;max-width:30rem}
.bar span{position:absolute;z-index:-1;inset:0 auto 0 0;background:var(--bar);opacity:.5}
footer{margin-top:2rem;font-size:.85rem;opacity:.8}
@media(max-width:480px){body{padding:.5rem}th,td{padding:.15rem .25rem}}
@media print{section{display:block}}
</style></head>
<body>
<h1>fathom</h1>
<p class="outcome">6.18.9 does not behave as its profile says: counted</p>
<p class="outcome">66 steps: 10 agree, 5 disagree, 1 crashed, 1 hung, 48 unsupported, 1 broken (tcg)</p>
<div class="wide"><table><thead><tr><td></td><th scope="col">6.18.9</th></tr></thead><tbody><tr><th scope="row">fedora-coreos-2087</th><td class="disagrees"><a href="#s0k0">5 disagree of 13</a></td></tr>
<tr><th scope="row">nested-file-backed</th><td class="crashed"><a href="#s1k0">1 crashed, 3 unsupported of 5</a></td></tr>
<tr><th scope="row">data-only-lower</th><td class="hung"><a href="#s2k0">1 hung, 4 unsupported of 6</a></td></tr>
<tr><th scope="row">podman-in-podman</th><td class="broken"><a href="#s3k0">1 broken, 17 unsupported of 18</a></td></tr>
<tr><th scope="row">ecryptfs</th><td class="unsupported"><a href="#s4k0">24 unsupported of 24</a></td></tr></tbody></table></div>
<section id="s0k0"><h2>fedora-coreos-2087 on debian:6.18.9 (6.18.9+deb13-cloud-amd64)</h2>
<p class="disagrees">5 disagree of 13</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row"><details><summary>file-backed erofs</summary><p>erofs[file,lz4](xfs) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>contents of the image</summary><p>data.bin holds what went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>overlay on it</summary><p>ovl(erofs[file,lz4](xfs)) has depth 2</p></details></th><td>ok d2</td><td>ok d2</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">overlay on that (the report)</th><td>EINVAL</td><td>ok !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>rule D3 refuses it (depth 3 &#62; 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it</p><p>expected EINVAL, observed ok</p></td></tr>
<tr><th scope="row">contents through both overlays</th><td>-</td><td>ok !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried</p><p>expected -, observed ok</p></td></tr>
<tr><th scope="row">copy-up in the upper overlay</th><td>-</td><td>ok !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried</p><p>expected -, observed ok</p></td></tr>
<tr><th scope="row">contents after the copy-up</th><td>-</td><td>ok !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried</p><p>expected -, observed ok</p></td></tr>
<tr><th scope="row"><details><summary>the overlay below is unchanged</summary><p>os-release holds what went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">a third overlay</th><td>-</td><td>EINVAL !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried</p><p>expected -, observed EINVAL</p><p>messages</p><pre>&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</pre></td></tr>
<tr><th scope="row"><details><summary>the same on a loop device</summary><p>erofs[loop,lz4](xfs) has depth 0</p></details></th><td>ok d0</td><td>ok d0</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: overlay on it</summary><p>ovl(erofs[loop,lz4](xfs)) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: overlay on that</summary><p>ovl(ovl(erofs[loop,lz4](xfs))) has depth 2</p></details></th><td>ok d2</td><td>ok d2</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: contents through both</summary><p>data.bin holds what went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s1k0"><h2>nested-file-backed on debian:6.18.9 (6.18.9+deb13-cloud-amd64)</h2>
<p class="crashed">1 crashed, 3 unsupported of 5</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row"><details><summary>file-backed erofs</summary><p>erofs[file](ext4) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">file-backed erofs in it</th><td>ok d2</td><td>CRASHED !</td><td class="crashed">crashed</td></tr><tr><td colspan="4"><p>the kernel crashed in &#34;file-backed erofs in it&#34;: Kernel panic - not syncing: sysrq triggered crash</p><p>call chain, deepest first</p><pre>dump_stack_lvl
vpanic
panic
sysrq_handle_crash
__handle_sysrq.cold
write_sysrq_trigger
proc_reg_write
vfs_write
ksys_write
do_syscall_64
entry_SYSCALL_64_after_hwframe</pre><p>end of the console</p><pre>[    4.816119] fathom: begin set-up: mount points
[    4.831668] fathom: begin set-up: mount ext4 /fathom/0-disk
[    4.883652] EXT4-fs (vda): mounted filesystem 0d957e5d-f20e-88b7-85df-3ce2464377c2 r/w with ordered data mode. Quota mode: none.
[    4.887576] fathom: begin file-backed erofs
[    4.900881] erofs (device erofs): mounted with root inode @ nid 36.
[    4.902032] fathom: begin file-backed erofs in it
[    4.903592] erofs (device erofs): file-backed mounts cannot be applied to stacked fses
[    4.907570] sysrq: Trigger a crash
[    4.907815] Kernel panic - not syncing: sysrq triggered crash
[    4.908238] CPU: 0 UID: 0 PID: 1 Comm: init Not tainted 6.18.9+deb13-cloud-amd64 #1 PREEMPT(lazy)  Debian 6.18.9-1~bpo13+1 
[    4.908397] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014
[    4.908596] Call Trace:
[    4.909069]  &#60;TASK&#62;
[    4.909449]  dump_stack_lvl+0x5d/0x80
[    4.909927]  vpanic+0x116/0x310
[    4.909967]  panic+0x6b/0x6b
[    4.910001]  sysrq_handle_crash+0x1a/0x20
[    4.910068]  __handle_sysrq.cold+0x91/0x141
[    4.910107]  write_sysrq_trigger+0x59/0xb0
[    4.910143]  proc_reg_write+0x5a/0xa0
[    4.910184]  vfs_write+0xcf/0x450
[    4.910485]  ? __rseq_handle_notify_resume+0xad/0x4b0
[    4.910531]  ? __schedule+0x4bd/0xcf0
[    4.910571]  ksys_write+0x6b/0xe0
[    4.910604]  do_syscall_64+0x84/0x800
[    4.910641]  entry_SYSCALL_64_after_hwframe+0x76/0x7e
[    4.910782] RIP: 0033:0x45acb0
[    4.911053] Code: 40 00 48 c7 c2 b8 ff ff ff f7 d8 64 89 02 48 c7 c0 ff ff ff ff eb b7 0f 1f 00 80 3d d1 f3 08 00 00 74 17 b8 01 00 00 00 0f 05 &#60;48&#62; 3d 00 f0 ff ff 77 58 c3 0f 1f 80 00 00 00 00 48 83 ec 28 48 89
[    4.911321] RSP: 002b:00007ffec210aaf8 EFLAGS: 00000202 ORIG_RAX: 0000000000000001
[    4.911793] RAX: ffffffffffffffda RBX: 00007ffec210ab30 RCX: 000000000045acb0
[    4.911859] RDX: 0000000000000001 RSI: 00000000004b12f6 RDI: 000000000000000e
[    4.911912] RBP: 00007ffec211eeb0 R08: 0000000000000007 R09: 000000000fec4290
[    4.911965] R10: 0000000000000000 R11: 0000000000000202 R12: 000000000000000e
[    4.912018] R13: 0000000000000003 R14: 00007ffec211eeb0 R15: 0000000000000004
[    4.912122]  &#60;/TASK&#62;
[    4.912609] Kernel Offset: disabled</pre></td></tr>
<tr><th scope="row">file-backed erofs in that</th><td>ENOTBLK</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;</p></td></tr>
<tr><th scope="row">overlay on the second</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;</p></td></tr>
<tr><th scope="row">contents of the innermost</th><td>-</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;</p></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s2k0"><h2>data-only-lower on debian:6.18.9 (6.18.9+deb13-cloud-amd64)</h2>
<p class="hung">1 hung, 4 unsupported of 6</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row"><details><summary>file-backed erofs</summary><p>erofs[file,lz4](ext4) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">overlay for the data</th><td>ok d1</td><td>HUNG !</td><td class="hung">hung</td></tr><tr><td colspan="4"><p>no answer in time in &#34;set-up: upper and work directories on /fathom/0-disk&#34;: no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f</p><p>end of the console</p><pre>[    4.989706] fathom: begin set-up: mount points
[    5.006060] fathom: begin set-up: mount ext4 /fathom/0-disk
[    5.059554] EXT4-fs (vda): mounted filesystem f7811f85-4e1a-8d3f-865f-bfafc5c7b4ef r/w with ordered data mode. Quota mode: none.
[    5.063518] fathom: begin file-backed erofs
[    5.083561] erofs (device erofs): mounted with root inode @ nid 36.
[    5.084621] fathom: begin set-up: upper and work directories on /fathom/0-disk</pre></td></tr>
<tr><th scope="row">data-only lower on ext4</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it hung in &#34;overlay for the data&#34;</p></td></tr>
<tr><th scope="row">data-only lower on the overlay</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it hung in &#34;overlay for the data&#34;</p></td></tr>
<tr><th scope="row">contents of the metadata lower</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it hung in &#34;overlay for the data&#34;</p></td></tr>
<tr><th scope="row">overlay on that</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it hung in &#34;overlay for the data&#34;</p></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s3k0"><h2>podman-in-podman on debian:6.18.9 (6.18.9+deb13-cloud-amd64)</h2>
<p class="broken">1 broken, 17 unsupported of 18</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row">the outer container's root</th><td>ok d1</td><td>broken ?</td><td class="broken">broken</td></tr><tr><td colspan="4"><p>the machine was lost in &#34;the outer container's root&#34;: the agent talks nonsense: it sent &#34;��{\\&#34;v\\&#34;:1,\\&#34;type\\&#34;:\\&#34;res&#34;: not JSON</p></td></tr>
<tr><th scope="row">a file of the outer root</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">inner container, upper on the outer root</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">the same through fsopen</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">inner container, upper on a volume</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents of its top layer</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents of its base layer</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">copy-up in the inner container</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents after the copy-up</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">the layer in the outer root is unchanged</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">inner container, upper in memory</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents with the upper in memory</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">inner image, read-only</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents of the read-only view</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">a container in the inner container</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">all of the inner storage on the volume</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">a container in that</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr>
<tr><th scope="row">contents through both on the volume</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not run: there was no guest: it was lost in &#34;the outer container's root&#34;</p></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s4k0"><h2>ecryptfs on debian:6.18.9 (6.18.9+deb13-cloud-amd64)</h2>
<p class="unsupported">24 unsupported of 24</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row">eCryptfs over ext4</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">a plain file through it</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">a write to the plain file</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">and what was written</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">eCryptfs over eCryptfs</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">file-backed erofs, its image encrypted</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">contents of the encrypted image</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay on eCryptfs</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">a file through overlay and eCryptfs</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">copy-up from eCryptfs</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay on that</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay with its upper on eCryptfs</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">file-backed erofs</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">eCryptfs over it</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">contents through eCryptfs</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">a write through eCryptfs over erofs</th><td>EROFS</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay on erofs</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">eCryptfs over overlay and erofs</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">contents through eCryptfs and overlay</th><td>-</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay on ext4</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">eCryptfs over an overlay</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">overlay on eCryptfs over an overlay</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">a second overlay on ext4</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr>
<tr><th scope="row">eCryptfs over two overlays</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)</p><p>what would help</p><pre>CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64</pre></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>

<footer>fathom 0.1.0, 2026-11-27T07:51:07.251Z</footer>
</body></html>

`

exports[`test/harness/report/reporters.test.ts > TAP > given a run with every kind of verdict as it was recorded, then each form is as it was looked at > recorded: junit 1`] = `
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fathom" tests="66" failures="7" errors="1" skipped="48" time="93.590">
<testsuite name="debian:6.18.9 fedora-coreos-2087" tests="13" failures="5" errors="0" skipped="0" time="0" timestamp="2026-11-27T07:51:07" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.18.9"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="counted"/><property name="accelerator" value="tcg"/></properties>
<testcase name="file-backed erofs" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="contents of the image" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="overlay on it" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="overlay on that (the report)" classname="debian:6.18.9.fedora-coreos-2087" time="0"><failure type="disagrees" message="rule D3 refuses it (depth 3 &#62; 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it">disagrees: rule D3 refuses it (depth 3 &#62; 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it
expected EINVAL, observed ok</failure></testcase>
<testcase name="contents through both overlays" classname="debian:6.18.9.fedora-coreos-2087" time="0"><failure type="disagrees" message="it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried">disagrees: it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried
expected -, observed ok</failure></testcase>
<testcase name="copy-up in the upper overlay" classname="debian:6.18.9.fedora-coreos-2087" time="0"><failure type="disagrees" message="it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried">disagrees: it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried
expected -, observed ok</failure></testcase>
<testcase name="contents after the copy-up" classname="debian:6.18.9.fedora-coreos-2087" time="0"><failure type="disagrees" message="it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried">disagrees: it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried
expected -, observed ok</failure></testcase>
<testcase name="the overlay below is unchanged" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="a third overlay" classname="debian:6.18.9.fedora-coreos-2087" time="0"><failure type="disagrees" message="it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried">disagrees: it stands on &#34;overlay on that (the report)&#34;, which this kernel was to refuse, and it was there to be tried
expected -, observed EINVAL
&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</failure></testcase>
<testcase name="the same on a loop device" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="loop: overlay on it" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="loop: overlay on that" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
<testcase name="loop: contents through both" classname="debian:6.18.9.fedora-coreos-2087" time="0"/>
</testsuite>
<testsuite name="debian:6.18.9 nested-file-backed" tests="5" failures="1" errors="0" skipped="3" time="0" timestamp="2026-11-27T07:51:07" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.18.9"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="counted"/><property name="accelerator" value="tcg"/></properties>
<testcase name="file-backed erofs" classname="debian:6.18.9.nested-file-backed" time="0"/>
<testcase name="file-backed erofs in it" classname="debian:6.18.9.nested-file-backed" time="0"><failure type="crashed" message="the kernel crashed in &#34;file-backed erofs in it&#34;: Kernel panic - not syncing: sysrq triggered crash">crashed: the kernel crashed in &#34;file-backed erofs in it&#34;: Kernel panic - not syncing: sysrq triggered crash
call chain, deepest first:
  dump_stack_lvl
  vpanic
  panic
  sysrq_handle_crash
  __handle_sysrq.cold
  write_sysrq_trigger
  proc_reg_write
  vfs_write
  ksys_write
  do_syscall_64
  entry_SYSCALL_64_after_hwframe
console:
  [    4.816119] fathom: begin set-up: mount points
  [    4.831668] fathom: begin set-up: mount ext4 /fathom/0-disk
  [    4.883652] EXT4-fs (vda): mounted filesystem 0d957e5d-f20e-88b7-85df-3ce2464377c2 r/w with ordered data mode. Quota mode: none.
  [    4.887576] fathom: begin file-backed erofs
  [    4.900881] erofs (device erofs): mounted with root inode @ nid 36.
  [    4.902032] fathom: begin file-backed erofs in it
  [    4.903592] erofs (device erofs): file-backed mounts cannot be applied to stacked fses
  [    4.907570] sysrq: Trigger a crash
  [    4.907815] Kernel panic - not syncing: sysrq triggered crash
  [    4.908238] CPU: 0 UID: 0 PID: 1 Comm: init Not tainted 6.18.9+deb13-cloud-amd64 #1 PREEMPT(lazy)  Debian 6.18.9-1~bpo13+1 
  [    4.908397] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014
  [    4.908596] Call Trace:
  [    4.909069]  &#60;TASK&#62;
  [    4.909449]  dump_stack_lvl+0x5d/0x80
  [    4.909927]  vpanic+0x116/0x310
  [    4.909967]  panic+0x6b/0x6b
  [    4.910001]  sysrq_handle_crash+0x1a/0x20
  [    4.910068]  __handle_sysrq.cold+0x91/0x141
  [    4.910107]  write_sysrq_trigger+0x59/0xb0
  [    4.910143]  proc_reg_write+0x5a/0xa0
  [    4.910184]  vfs_write+0xcf/0x450
  [    4.910485]  ? __rseq_handle_notify_resume+0xad/0x4b0
  [    4.910531]  ? __schedule+0x4bd/0xcf0
  [    4.910571]  ksys_write+0x6b/0xe0
  [    4.910604]  do_syscall_64+0x84/0x800
  [    4.910641]  entry_SYSCALL_64_after_hwframe+0x76/0x7e
  [    4.910782] RIP: 0033:0x45acb0
  [    4.911053] Code: 40 00 48 c7 c2 b8 ff ff ff f7 d8 64 89 02 48 c7 c0 ff ff ff ff eb b7 0f 1f 00 80 3d d1 f3 08 00 00 74 17 b8 01 00 00 00 0f 05 &#60;48&#62; 3d 00 f0 ff ff 77 58 c3 0f 1f 80 00 00 00 00 48 83 ec 28 48 89
  [    4.911321] RSP: 002b:00007ffec210aaf8 EFLAGS: 00000202 ORIG_RAX: 0000000000000001
  [    4.911793] RAX: ffffffffffffffda RBX: 00007ffec210ab30 RCX: 000000000045acb0
  [    4.911859] RDX: 0000000000000001 RSI: 00000000004b12f6 RDI: 000000000000000e
  [    4.911912] RBP: 00007ffec211eeb0 R08: 0000000000000007 R09: 000000000fec4290
  [    4.911965] R10: 0000000000000000 R11: 0000000000000202 R12: 000000000000000e
  [    4.912018] R13: 0000000000000003 R14: 00007ffec211eeb0 R15: 0000000000000004
  [    4.912122]  &#60;/TASK&#62;
  [    4.912609] Kernel Offset: disabled</failure></testcase>
<testcase name="file-backed erofs in that" classname="debian:6.18.9.nested-file-backed" time="0"><skipped message="not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;"/></testcase>
<testcase name="overlay on the second" classname="debian:6.18.9.nested-file-backed" time="0"><skipped message="not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;"/></testcase>
<testcase name="contents of the innermost" classname="debian:6.18.9.nested-file-backed" time="0"><skipped message="not run: there was no guest: it crashed in &#34;file-backed erofs in it&#34;"/></testcase>
</testsuite>
<testsuite name="debian:6.18.9 data-only-lower" tests="6" failures="1" errors="0" skipped="4" time="0" timestamp="2026-11-27T07:51:07" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.18.9"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="counted"/><property name="accelerator" value="tcg"/></properties>
<testcase name="file-backed erofs" classname="debian:6.18.9.data-only-lower" time="0"/>
<testcase name="overlay for the data" classname="debian:6.18.9.data-only-lower" time="0"><failure type="hung" message="no answer in time in &#34;set-up: upper and work directories on /fathom/0-disk&#34;: no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f">hung: no answer in time in &#34;set-up: upper and work directories on /fathom/0-disk&#34;: no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f
console:
  [    4.989706] fathom: begin set-up: mount points
  [    5.006060] fathom: begin set-up: mount ext4 /fathom/0-disk
  [    5.059554] EXT4-fs (vda): mounted filesystem f7811f85-4e1a-8d3f-865f-bfafc5c7b4ef r/w with ordered data mode. Quota mode: none.
  [    5.063518] fathom: begin file-backed erofs
  [    5.083561] erofs (device erofs): mounted with root inode @ nid 36.
  [    5.084621] fathom: begin set-up: upper and work directories on /fathom/0-disk</failure></testcase>
<testcase name="data-only lower on ext4" classname="debian:6.18.9.data-only-lower" time="0"><skipped message="not run: there was no guest: it hung in &#34;overlay for the data&#34;"/></testcase>
<testcase name="data-only lower on the overlay" classname="debian:6.18.9.data-only-lower" time="0"><skipped message="not run: there was no guest: it hung in &#34;overlay for the data&#34;"/></testcase>
<testcase name="contents of the metadata lower" classname="debian:6.18.9.data-only-lower" time="0"><skipped message="not run: there was no guest: it hung in &#34;overlay for the data&#34;"/></testcase>
<testcase name="overlay on that" classname="debian:6.18.9.data-only-lower" time="0"><skipped message="not run: there was no guest: it hung in &#34;overlay for the data&#34;"/></testcase>
</testsuite>
<testsuite name="debian:6.18.9 podman-in-podman" tests="18" failures="0" errors="1" skipped="17" time="0" timestamp="2026-11-27T07:51:07" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.18.9"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="counted"/><property name="accelerator" value="tcg"/></properties>
<testcase name="the outer container's root" classname="debian:6.18.9.podman-in-podman" time="0"><error type="broken" message="the machine was lost in &#34;the outer container's root&#34;: the agent talks nonsense: it sent &#34;��{\\&#34;v\\&#34;:1,\\&#34;type\\&#34;:\\&#34;res&#34;: not JSON">broken: the machine was lost in &#34;the outer container's root&#34;: the agent talks nonsense: it sent &#34;��{\\&#34;v\\&#34;:1,\\&#34;type\\&#34;:\\&#34;res&#34;: not JSON</error></testcase>
<testcase name="a file of the outer root" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="inner container, upper on the outer root" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="the same through fsopen" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="inner container, upper on a volume" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents of its top layer" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents of its base layer" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="copy-up in the inner container" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents after the copy-up" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="the layer in the outer root is unchanged" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="inner container, upper in memory" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents with the upper in memory" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="inner image, read-only" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents of the read-only view" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="a container in the inner container" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="all of the inner storage on the volume" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="a container in that" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
<testcase name="contents through both on the volume" classname="debian:6.18.9.podman-in-podman" time="0"><skipped message="not run: there was no guest: it was lost in &#34;the outer container's root&#34;"/></testcase>
</testsuite>
<testsuite name="debian:6.18.9 ecryptfs" tests="24" failures="0" errors="0" skipped="24" time="0" timestamp="2026-11-27T07:51:07" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.18.9"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="counted"/><property name="accelerator" value="tcg"/></properties>
<testcase name="eCryptfs over ext4" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="a plain file through it" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="a write to the plain file" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="and what was written" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="eCryptfs over eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="file-backed erofs, its image encrypted" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="contents of the encrypted image" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay on eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="a file through overlay and eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="copy-up from eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay on that" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay with its upper on eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="file-backed erofs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="eCryptfs over it" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="contents through eCryptfs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="a write through eCryptfs over erofs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay on erofs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="eCryptfs over overlay and erofs" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="contents through eCryptfs and overlay" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay on ext4" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="eCryptfs over an overlay" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="overlay on eCryptfs over an overlay" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="a second overlay on ext4" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
<testcase name="eCryptfs over two overlays" classname="debian:6.18.9.ecryptfs" time="0"><skipped message="debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)"/></testcase>
</testsuite>
</testsuites>

`

exports[`test/harness/report/reporters.test.ts > TAP > given a run with every kind of verdict as it was recorded, then each form is as it was looked at > recorded: markdown 1`] = `
6.18.9 does not behave as its profile says: counted

66 steps: 10 agree, 5 disagree, 1 crashed, 1 hung, 48 unsupported, 1 broken (tcg)

|  | 6.18.9 |
| --- | --- |
| fedora-coreos-2087 | 5 disagree of 13 |
| nested-file-backed | 1 crashed, 3 unsupported of 5 |
| data-only-lower | 1 hung, 4 unsupported of 6 |
| podman-in-podman | 1 broken, 17 unsupported of 18 |
| ecryptfs | 24 unsupported of 24 |

\`\`\`text
6.18.9: fedora-coreos-2087: "overlay on that (the report)" disagrees: rule D3 refuses it (depth 3 > 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it
    expected EINVAL, observed ok

6.18.9: fedora-coreos-2087: "contents through both overlays" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "copy-up in the upper overlay" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "contents after the copy-up" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "a third overlay" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.18.9: nested-file-backed: "file-backed erofs in it" crashed: the kernel crashed in "file-backed erofs in it": Kernel panic - not syncing: sysrq triggered crash
    kernel panic: sysrq triggered crash, in init (pid 1)
    call chain, deepest first:
      dump_stack_lvl
      vpanic
      panic
      sysrq_handle_crash
      __handle_sysrq.cold
      write_sysrq_trigger
      proc_reg_write
      vfs_write
      ksys_write
      do_syscall_64
      entry_SYSCALL_64_after_hwframe

6.18.9: nested-file-backed: "file-backed erofs in that" and 2 more steps unsupported: not run: there was no guest: it crashed in "file-backed erofs in it"

6.18.9: data-only-lower: "overlay for the data" hung: no answer in time in "set-up: upper and work directories on /fathom/0-disk": no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f
    | [    4.989706] fathom: begin set-up: mount points
    | [    5.006060] fathom: begin set-up: mount ext4 /fathom/0-disk
    | [    5.059554] EXT4-fs (vda): mounted filesystem f7811f85-4e1a-8d3f-865f-bfafc5c7b4ef r/w with ordered data mode. Quota mode: none.
    | [    5.063518] fathom: begin file-backed erofs
    | [    5.083561] erofs (device erofs): mounted with root inode @ nid 36.
    | [    5.084621] fathom: begin set-up: upper and work directories on /fathom/0-disk

6.18.9: data-only-lower: "data-only lower on ext4" and 3 more steps unsupported: not run: there was no guest: it hung in "overlay for the data"

6.18.9: podman-in-podman: "the outer container's root" broken: the machine was lost in "the outer container's root": the agent talks nonsense: it sent "��{\\"v\\":1,\\"type\\":\\"res": not JSON

6.18.9: podman-in-podman: "a file of the outer root" and 16 more steps unsupported: not run: there was no guest: it was lost in "the outer container's root"

6.18.9: ecryptfs: "eCryptfs over ext4" and 23 more steps unsupported: debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)
    CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64
\`\`\`

fathom 0.1.0

`

exports[`test/harness/report/reporters.test.ts > TAP > given a run with every kind of verdict as it was recorded, then each form is as it was looked at > recorded: pretty 1`] = `
fedora-coreos-2087                    6.18.9
  file-backed erofs                   ok d1
  contents of the image               ok
  overlay on it                       ok d2
  overlay on that (the report)        ok !
  contents through both overlays      ok !
  copy-up in the upper overlay        ok !
  contents after the copy-up          ok !
  the overlay below is unchanged      ok
  a third overlay                     EINVAL !
  the same on a loop device           ok d0
  loop: overlay on it                 ok d1
  loop: overlay on that               ok d2
  loop: contents through both         ok

nested-file-backed                    6.18.9
  file-backed erofs                   ok d1
  file-backed erofs in it             CRASHED !
  file-backed erofs in that           n/a ?
  overlay on the second               n/a ?
  contents of the innermost           n/a ?

data-only-lower                       6.18.9
  file-backed erofs                   ok d1
  overlay for the data                HUNG !
  data-only lower on ext4             n/a ?
  data-only lower on the overlay      n/a ?
  contents of the metadata lower      n/a ?
  overlay on that                     n/a ?

6.18.9: fedora-coreos-2087: "overlay on that (the report)" disagrees: rule D3 refuses it (depth 3 > 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it
    expected EINVAL, observed ok

6.18.9: fedora-coreos-2087: "contents through both overlays" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "copy-up in the upper overlay" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "contents after the copy-up" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed ok

6.18.9: fedora-coreos-2087: "a third overlay" disagrees: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
    expected -, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.18.9: nested-file-backed: "file-backed erofs in it" crashed: the kernel crashed in "file-backed erofs in it": Kernel panic - not syncing: sysrq triggered crash
    kernel panic: sysrq triggered crash, in init (pid 1)
    call chain, deepest first:
      dump_stack_lvl
      vpanic
      panic
      sysrq_handle_crash
      __handle_sysrq.cold
      write_sysrq_trigger
      proc_reg_write
      vfs_write
      ksys_write
      do_syscall_64
      entry_SYSCALL_64_after_hwframe

6.18.9: nested-file-backed: "file-backed erofs in that" and 2 more steps unsupported: not run: there was no guest: it crashed in "file-backed erofs in it"

6.18.9: data-only-lower: "overlay for the data" hung: no answer in time in "set-up: upper and work directories on /fathom/0-disk": no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f
    | [    4.989706] fathom: begin set-up: mount points
    | [    5.006060] fathom: begin set-up: mount ext4 /fathom/0-disk
    | [    5.059554] EXT4-fs (vda): mounted filesystem f7811f85-4e1a-8d3f-865f-bfafc5c7b4ef r/w with ordered data mode. Quota mode: none.
    | [    5.063518] fathom: begin file-backed erofs
    | [    5.083561] erofs (device erofs): mounted with root inode @ nid 36.
    | [    5.084621] fathom: begin set-up: upper and work directories on /fathom/0-disk

6.18.9: data-only-lower: "data-only lower on ext4" and 3 more steps unsupported: not run: there was no guest: it hung in "overlay for the data"

6.18.9: podman-in-podman: "the outer container's root" broken: the machine was lost in "the outer container's root": the agent talks nonsense: it sent "��{\\"v\\":1,\\"type\\":\\"res": not JSON

6.18.9: podman-in-podman: "a file of the outer root" and 16 more steps unsupported: not run: there was no guest: it was lost in "the outer container's root"

6.18.9: ecryptfs: "eCryptfs over ext4" and 23 more steps unsupported: debian:6.18.9 has no module ecryptfs and no such built-in (CONFIG_ECRYPT_FS)
    CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64

6.18.9 does not behave as its profile says: counted
66 steps: 10 agree, 5 disagree, 1 crashed, 1 hung, 48 unsupported, 1 broken (tcg)

`

exports[`test/harness/report/reporters.test.ts > TAP > given a run with every kind of verdict as it was recorded, then each form is as it was looked at > recorded: tap 1`] = `
TAP version 14
1..1
# Subtest: debian:6.18.9 (6.18.9+deb13-cloud-amd64)
    1..5
    # Subtest: fedora-coreos-2087
        1..13
        ok 1 - file-backed erofs
        ok 2 - contents of the image
        ok 3 - overlay on it
        not ok 4 - overlay on that (the report)
          ---
          verdict: disagrees
          why: "rule D3 refuses it (depth 3 > 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4), and the kernel did it"
          expected: EINVAL
          observed: ok
          rule: D3
          ...
        not ok 5 - contents through both overlays
          ---
          verdict: disagrees
          why: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
          expected: "-"
          observed: ok
          ...
        not ok 6 - copy-up in the upper overlay
          ---
          verdict: disagrees
          why: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
          expected: "-"
          observed: ok
          ...
        not ok 7 - contents after the copy-up
          ---
          verdict: disagrees
          why: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
          expected: "-"
          observed: ok
          ...
        ok 8 - the overlay below is unchanged
        not ok 9 - a third overlay
          ---
          verdict: disagrees
          why: it stands on "overlay on that (the report)", which this kernel was to refuse, and it was there to be tried
          expected: "-"
          observed: EINVAL
          messages:
            - "<3> overlayfs: maximum fs stacking depth exceeded"
          ...
        ok 10 - the same on a loop device
        ok 11 - loop: overlay on it
        ok 12 - loop: overlay on that
        ok 13 - loop: contents through both
    not ok 1 - fedora-coreos-2087
    # Subtest: nested-file-backed
        1..5
        ok 1 - file-backed erofs
        not ok 2 - file-backed erofs in it
          ---
          verdict: crashed
          why: 'the kernel crashed in "file-backed erofs in it": Kernel panic - not syncing: sysrq triggered crash'
          chain:
            - dump_stack_lvl
            - vpanic
            - panic
            - sysrq_handle_crash
            - __handle_sysrq.cold
            - write_sysrq_trigger
            - proc_reg_write
            - vfs_write
            - ksys_write
            - do_syscall_64
            - entry_SYSCALL_64_after_hwframe
          console:
            - "[    4.816119] fathom: begin set-up: mount points"
            - "[    4.831668] fathom: begin set-up: mount ext4 /fathom/0-disk"
            - "[    4.883652] EXT4-fs (vda): mounted filesystem 0d957e5d-f20e-88b7-85df-3ce2464377c2 r/w with ordered data mode. Quota mode: none."
            - "[    4.887576] fathom: begin file-backed erofs"
            - "[    4.900881] erofs (device erofs): mounted with root inode @ nid 36."
            - "[    4.902032] fathom: begin file-backed erofs in it"
            - "[    4.903592] erofs (device erofs): file-backed mounts cannot be applied to stacked fses"
            - "[    4.907570] sysrq: Trigger a crash"
            - "[    4.907815] Kernel panic - not syncing: sysrq triggered crash"
            - "[    4.908238] CPU: 0 UID: 0 PID: 1 Comm: init Not tainted 6.18.9+deb13-cloud-amd64 #1 PREEMPT(lazy)  Debian 6.18.9-1~bpo13+1 "
            - "[    4.908397] Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014"
            - "[    4.908596] Call Trace:"
            - "[    4.909069]  <TASK>"
            - "[    4.909449]  dump_stack_lvl+0x5d/0x80"
            - "[    4.909927]  vpanic+0x116/0x310"
            - "[    4.909967]  panic+0x6b/0x6b"
            - "[    4.910001]  sysrq_handle_crash+0x1a/0x20"
            - "[    4.910068]  __handle_sysrq.cold+0x91/0x141"
            - "[    4.910107]  write_sysrq_trigger+0x59/0xb0"
            - "[    4.910143]  proc_reg_write+0x5a/0xa0"
            - "[    4.910184]  vfs_write+0xcf/0x450"
            - "[    4.910485]  ? __rseq_handle_notify_resume+0xad/0x4b0"
            - "[    4.910531]  ? __schedule+0x4bd/0xcf0"
            - "[    4.910571]  ksys_write+0x6b/0xe0"
            - "[    4.910604]  do_syscall_64+0x84/0x800"
            - "[    4.910641]  entry_SYSCALL_64_after_hwframe+0x76/0x7e"
            - "[    4.910782] RIP: 0033:0x45acb0"
            - "[    4.911053] Code: 40 00 48 c7 c2 b8 ff ff ff f7 d8 64 89 02 48 c7 c0 ff ff ff ff eb b7 0f 1f 00 80 3d d1 f3 08 00 00 74 17 b8 01 00 00 00 0f 05 <48> 3d 00 f0 ff ff 77 58 c3 0f 1f 80 00 00 00 00 48 83 ec 28 48 89"
            - "[    4.911321] RSP: 002b:00007ffec210aaf8 EFLAGS: 00000202 ORIG_RAX: 0000000000000001"
            - "[    4.911793] RAX: ffffffffffffffda RBX: 00007ffec210ab30 RCX: 000000000045acb0"
            - "[    4.911859] RDX: 0000000000000001 RSI: 00000000004b12f6 RDI: 000000000000000e"
            - "[    4.911912] RBP: 00007ffec211eeb0 R08: 0000000000000007 R09: 000000000fec4290"
            - "[    4.911965] R10: 0000000000000000 R11: 0000000000000202 R12: 000000000000000e"
            - "[    4.912018] R13: 0000000000000003 R14: 00007ffec211eeb0 R15: 0000000000000004"
            - "[    4.912122]  </TASK>"
            - "[    4.912609] Kernel Offset: disabled"
          ...
        ok 3 - file-backed erofs in that # SKIP a guest: it crashed in "file-backed erofs in it"
        ok 4 - overlay on the second # SKIP a guest: it crashed in "file-backed erofs in it"
        ok 5 - contents of the innermost # SKIP a guest: it crashed in "file-backed erofs in it"
    not ok 2 - nested-file-backed
    # Subtest: data-only-lower
        1..6
        ok 1 - file-backed erofs
        not ok 2 - overlay for the data
          ---
          verdict: hung
          why: 'no answer in time in "set-up: upper and work directories on /fathom/0-disk": no answer for 50941 ms; cpu0 idle in 0xffffffff82074c1f'
          console:
            - "[    4.989706] fathom: begin set-up: mount points"
            - "[    5.006060] fathom: begin set-up: mount ext4 /fathom/0-disk"
            - "[    5.059554] EXT4-fs (vda): mounted filesystem f7811f85-4e1a-8d3f-865f-bfafc5c7b4ef r/w with ordered data mode. Quota mode: none."
            - "[    5.063518] fathom: begin file-backed erofs"
            - "[    5.083561] erofs (device erofs): mounted with root inode @ nid 36."
            - "[    5.084621] fathom: begin set-up: upper and work directories on /fathom/0-disk"
          ...
        ok 3 - data-only lower on ext4 # SKIP a guest: it hung in "overlay for the data"
        ok 4 - data-only lower on the overlay # SKIP a guest: it hung in "overlay for the data"
        ok 5 - contents of the metadata lower # SKIP a guest: it hung in "overlay for the data"
        ok 6 - overlay on that # SKIP a guest: it hung in "overlay for the data"
    not ok 3 - data-only-lower
    # Subtest: podman-in-podman
        1..18
        not ok 1 - the outer container's root
          ---
          verdict: broken
          why: "the machine was lost in \\"the outer container's root\\": the agent talks nonsense: it sent \\"��{\\\\\\"v\\\\\\":1,\\\\\\"type\\\\\\":\\\\\\"res\\": not JSON"
          ...
        ok 2 - a file of the outer root # SKIP a guest: it was lost in "the outer container's root"
        ok 3 - inner container, upper on the outer root # SKIP a guest: it was lost in "the outer container's root"
        ok 4 - the same through fsopen # SKIP a guest: it was lost in "the outer container's root"
        ok 5 - inner container, upper on a volume # SKIP a guest: it was lost in "the outer container's root"
        ok 6 - contents of its top layer # SKIP a guest: it was lost in "the outer container's root"
        ok 7 - contents of its base layer # SKIP a guest: it was lost in "the outer container's root"
        ok 8 - copy-up in the inner container # SKIP a guest: it was lost in "the outer container's root"
        ok 9 - contents after the copy-up # SKIP a guest: it was lost in "the outer container's root"
        ok 10 - the layer in the outer root is unchanged # SKIP a guest: it was lost in "the outer container's root"
        ok 11 - inner container, upper in memory # SKIP a guest: it was lost in "the outer container's root"
        ok 12 - contents with the upper in memory # SKIP a guest: it was lost in "the outer container's root"
        ok 13 - inner image, read-only # SKIP a guest: it was lost in "the outer container's root"
        ok 14 - contents of the read-only view # SKIP a guest: it was lost in "the outer container's root"
        ok 15 - a container in the inner container # SKIP a guest: it was lost in "the outer container's root"
        ok 16 - all of the inner storage on the volume # SKIP a guest: it was lost in "the outer container's root"
        ok 17 - a container in that # SKIP a guest: it was lost in "the outer container's root"
        ok 18 - contents through both on the volume # SKIP a guest: it was lost in "the outer container's root"
    not ok 4 - podman-in-podman
    # Subtest: ecryptfs
        1..24
        ok 1 - eCryptfs over ext4 # SKIP CONFIG_ECRYPT_FS
        ok 2 - a plain file through it # SKIP CONFIG_ECRYPT_FS
        ok 3 - a write to the plain file # SKIP CONFIG_ECRYPT_FS
        ok 4 - and what was written # SKIP CONFIG_ECRYPT_FS
        ok 5 - eCryptfs over eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 6 - file-backed erofs, its image encrypted # SKIP CONFIG_ECRYPT_FS
        ok 7 - contents of the encrypted image # SKIP CONFIG_ECRYPT_FS
        ok 8 - overlay on eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 9 - a file through overlay and eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 10 - copy-up from eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 11 - overlay on that # SKIP CONFIG_ECRYPT_FS
        ok 12 - overlay with its upper on eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 13 - file-backed erofs # SKIP CONFIG_ECRYPT_FS
        ok 14 - eCryptfs over it # SKIP CONFIG_ECRYPT_FS
        ok 15 - contents through eCryptfs # SKIP CONFIG_ECRYPT_FS
        ok 16 - a write through eCryptfs over erofs # SKIP CONFIG_ECRYPT_FS
        ok 17 - overlay on erofs # SKIP CONFIG_ECRYPT_FS
        ok 18 - eCryptfs over overlay and erofs # SKIP CONFIG_ECRYPT_FS
        ok 19 - contents through eCryptfs and overlay # SKIP CONFIG_ECRYPT_FS
        ok 20 - overlay on ext4 # SKIP CONFIG_ECRYPT_FS
        ok 21 - eCryptfs over an overlay # SKIP CONFIG_ECRYPT_FS
        ok 22 - overlay on eCryptfs over an overlay # SKIP CONFIG_ECRYPT_FS
        ok 23 - a second overlay on ext4 # SKIP CONFIG_ECRYPT_FS
        ok 24 - eCryptfs over two overlays # SKIP CONFIG_ECRYPT_FS
    ok 5 - ecryptfs
not ok 1 - debian:6.18.9 (6.18.9+deb13-cloud-amd64)

`

exports[`test/harness/report/reporters.test.ts > TAP > given every kind of verdict, then each form of the report is as it was looked at > html 1`] = `
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>fathom: 36 steps: 8 agree, 2 disagree, 1 crashed, 1 hung, 23 unsupported, 1 broken (tcg)</title><style>
:root{color-scheme:light dark;--back:#fff;--text:#1a1a1a;--line:#ccc;--good:#e2f4e4;--bad:#fbd9d6;--odd:#fdf0cf;--known:#e3e8f7;--bar:#7aa2d8;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--back:#16181b;--text:#e4e4e4;--line:#444;--good:#17361c;--bad:#521d1a;--odd:#463a12;--known:#232c4a;--bar:#3d6aa6;--link:#8ab8f0}}
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem;background:var(--back);color:var(--text)}
h1{font-size:1.4rem}h2{font-size:1.1rem}a{color:var(--link)}
.outcome{margin:.2rem 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.7rem 0}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
tbody th{font-weight:normal}
td[colspan]{border-left-width:4px}
.agrees{background:var(--good)}.disagrees,.crashed,.hung{background:var(--bad)}.unsupported,.broken{background:var(--odd)}.known{background:var(--known)}
section{display:none;border-top:2px solid var(--line);margin-top:1rem}
section:target{display:block}
section>p{padding:.2rem .5rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.4rem;margin:.3rem 0;font-size:.85rem}
td p,details p{margin:.3rem 0;overflow-wrap:anywhere}summary{cursor:pointer}
.bar{position:relative;isolation:isolate;border:1px solid var(--line);margin:.2rem 0;padding:0 .4rem;max-width:30rem}
.bar span{position:absolute;z-index:-1;inset:0 auto 0 0;background:var(--bar);opacity:.5}
footer{margin-top:2rem;font-size:.85rem;opacity:.8}
@media(max-width:480px){body{padding:.5rem}th,td{padding:.15rem .25rem}}
@media print{section{display:block}}
</style></head>
<body>
<h1>fathom</h1>
<p class="outcome">6.17.13 does not behave as its profile says: no-stacked-backing</p>
<p class="outcome">nothing can be said of 6.18.9</p>
<p class="outcome">36 steps: 8 agree, 2 disagree, 1 crashed, 1 hung, 23 unsupported, 1 broken (tcg)</p>
<div class="wide"><table><thead><tr><td></td><th scope="col">6.17.13</th><th scope="col">6.18.9</th></tr></thead><tbody><tr><th scope="row">fedora-coreos-2087</th><td class="disagrees"><a href="#s0k0">1 disagree, 4 unsupported of 13</a></td><td class="unsupported"><a href="#s0k1">13 unsupported of 13</a></td></tr>
<tr><th scope="row">apex</th><td class="crashed"><a href="#s1k0">1 crashed, 1 hung, 1 disagree, 1 broken, 1 unsupported of 5</a></td><td class="unsupported"><a href="#s1k1">5 unsupported of 5</a></td></tr></tbody></table></div>
<section id="s0k0"><h2>fedora-coreos-2087 on debian:6.17.13 (6.17.13+deb13-cloud-amd64)</h2>
<p class="disagrees">1 disagree, 4 unsupported of 13</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row"><details><summary>file-backed erofs</summary><p>erofs[file](xfs) has depth 0</p></details></th><td>ok d0</td><td>ok d0</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>contents of the image</summary><p>the contents are those that went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>overlay on it</summary><p>ovl(erofs[file](xfs)) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">overlay on that (the report)</th><td>ok d2</td><td>EINVAL !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;</p><p>expected ok d2, observed EINVAL</p><p>messages</p><pre>&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</pre></td></tr>
<tr><th scope="row">contents through both overlays</th><td>ok</td><td>- ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not tried: &#34;overlay on that (the report)&#34; did not succeed</p></td></tr>
<tr><th scope="row">copy-up in the upper overlay</th><td>ok</td><td>- ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not tried: &#34;overlay on that (the report)&#34; did not succeed</p></td></tr>
<tr><th scope="row">contents after the copy-up</th><td>ok</td><td>- ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not tried: &#34;overlay on that (the report)&#34; did not succeed</p></td></tr>
<tr><th scope="row"><details><summary>the overlay below is unchanged</summary><p>the contents are those that went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr>
<tr><th scope="row">a third overlay</th><td>EINVAL</td><td>- ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not tried: &#34;overlay on that (the report)&#34; did not succeed</p></td></tr>
<tr><th scope="row"><details><summary>the same on a loop device</summary><p>erofs[loop](xfs) has depth 0</p></details></th><td>ok d0</td><td>ok d0</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: overlay on it</summary><p>ovl(erofs[loop](xfs)) has depth 1</p></details></th><td>ok d1</td><td>ok d1</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: overlay on that</summary><p>ovl(ovl(erofs[loop](xfs))) has depth 2</p></details></th><td>ok d2</td><td>ok d2</td><td class="agrees">agrees</td></tr>
<tr><th scope="row"><details><summary>loop: contents through both</summary><p>the contents are those that went in</p></details></th><td>ok</td><td>ok</td><td class="agrees">agrees</td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s0k1"><h2>fedora-coreos-2087 on image:bzImage,config=config (6.18.9+deb13-cloud-amd64)</h2>
<p class="unsupported">13 unsupported of 13</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row">file-backed erofs</th><td>ok d0</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">contents of the image</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">overlay on it</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">overlay on that (the report)</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">contents through both overlays</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">copy-up in the upper overlay</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">contents after the copy-up</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">the overlay below is unchanged</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">a third overlay</th><td>EINVAL</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">the same on a loop device</th><td>ok d0</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">loop: overlay on it</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">loop: overlay on that</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">loop: contents through both</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s1k0"><h2>apex on debian:6.17.13 (6.17.13+deb13-cloud-amd64)</h2>
<p class="crashed">1 crashed, 1 hung, 1 disagree, 1 broken, 1 unsupported of 5</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row">erofs on a loop device</th><td>ok d0</td><td>CRASHED ! (8800)</td><td class="crashed">crashed</td></tr><tr><td colspan="4"><p>the kernel crashed in &#34;contents through both&#34;: BUG: unable to handle page fault</p><div class="bar"><span style="width:54.9%"></span>path 9000 of 16384 bytes</div><div class="bar"><span style="width:53.7%"></span>predicted 8800 of 16384 bytes</div><div class="bar"><span style="width:57.4%"></span>peak 9400 of 16384 bytes</div><p>call chain, deepest first</p><pre>ovl_iterate
2 times:
  vfs_read</pre><p>end of the console</p><pre>[    1.2] a�b &#60;script&#62;alert(1)&#60;/script&#62; ]]&#62; &#38; &#34;quoted&#34; | \`\`\`\`\`\` # TODO not so
  ---
- x: [
[    1.3] Kernel panic - not syncing: Fatal exception</pre></td></tr>
<tr><th scope="row">file-backed erofs in it</th><td>ok d0</td><td>HUNG !</td><td class="hung">hung</td></tr><tr><td colspan="4"><p>no answer in time: in ovl_read_iter &#60; vfs_read</p></td></tr>
<tr><th scope="row">overlay on it</th><td>ok d1</td><td>broken ?</td><td class="broken">broken</td></tr><tr><td colspan="4"><p>a�b &#60;script&#62;alert(1)&#60;/script&#62; ]]&#62; &#38; &#34;quoted&#34; | \`\`\`\`\`\` # TODO not so
  ---
- x: [</p></td></tr>
<tr><th scope="row">overlay on that</th><td>ok d2</td><td>EINVAL !</td><td class="disagrees">disagrees</td></tr><tr><td colspan="4"><p>it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;</p><p>expected ok d2, observed EINVAL</p><p>messages</p><pre>&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</pre></td></tr>
<tr><th scope="row">contents through both overlays</th><td>ok</td><td>- ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>not tried: &#34;overlay on that&#34; did not succeed</p></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<section id="s1k1"><h2>apex on image:bzImage,config=config (6.18.9+deb13-cloud-amd64)</h2>
<p class="unsupported">5 unsupported of 5</p>
<div class="wide"><table><thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead><tbody><tr><th scope="row">erofs on a loop device</th><td>ok d0</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">file-backed erofs in it</th><td>ok d0</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">overlay on it</th><td>ok d1</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">overlay on that</th><td>ok d2</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr>
<tr><th scope="row">contents through both overlays</th><td>ok</td><td>n/a ?</td><td class="unsupported">unsupported</td></tr><tr><td colspan="4"><p>image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there</p><p>what would help</p><pre>build it (make modules), or name the directory that holds it</pre></td></tr></tbody></table></div>
<p><a href="#">back to the matrix</a></p></section>
<ul><li>6.18.9 is image:bzImage,config=config (6.18.9+deb13-cloud-amd64)</li></ul>
<footer>fathom 0.1.0, 2026-11-21T02:40:20.094Z</footer>
</body></html>

`

exports[`test/harness/report/reporters.test.ts > TAP > given every kind of verdict, then each form of the report is as it was looked at > junit 1`] = `
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fathom" tests="36" failures="4" errors="1" skipped="23" time="0.765">
<testsuite name="debian:6.17.13 fedora-coreos-2087" tests="13" failures="1" errors="0" skipped="4" time="0" timestamp="2026-11-21T02:40:20" hostname="6.17.13+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.17.13"/><property name="release" value="6.17.13+deb13-cloud-amd64"/><property name="profile" value="no-stacked-backing"/><property name="accelerator" value="tcg"/></properties>
<testcase name="file-backed erofs" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="contents of the image" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="overlay on it" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="overlay on that (the report)" classname="debian:6.17.13.fedora-coreos-2087" time="0"><failure type="disagrees" message="it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;">disagrees: it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;
expected ok d2, observed EINVAL
&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</failure></testcase>
<testcase name="contents through both overlays" classname="debian:6.17.13.fedora-coreos-2087" time="0"><skipped message="not tried: &#34;overlay on that (the report)&#34; did not succeed"/></testcase>
<testcase name="copy-up in the upper overlay" classname="debian:6.17.13.fedora-coreos-2087" time="0"><skipped message="not tried: &#34;overlay on that (the report)&#34; did not succeed"/></testcase>
<testcase name="contents after the copy-up" classname="debian:6.17.13.fedora-coreos-2087" time="0"><skipped message="not tried: &#34;overlay on that (the report)&#34; did not succeed"/></testcase>
<testcase name="the overlay below is unchanged" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="a third overlay" classname="debian:6.17.13.fedora-coreos-2087" time="0"><skipped message="not tried: &#34;overlay on that (the report)&#34; did not succeed"/></testcase>
<testcase name="the same on a loop device" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="loop: overlay on it" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="loop: overlay on that" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
<testcase name="loop: contents through both" classname="debian:6.17.13.fedora-coreos-2087" time="0"/>
</testsuite>
<testsuite name="debian:6.17.13 apex" tests="5" failures="3" errors="1" skipped="1" time="0" timestamp="2026-11-21T02:40:20" hostname="6.17.13+deb13-cloud-amd64">
<properties><property name="kernel" value="debian:6.17.13"/><property name="release" value="6.17.13+deb13-cloud-amd64"/><property name="profile" value="no-stacked-backing"/><property name="accelerator" value="tcg"/></properties>
<testcase name="erofs on a loop device" classname="debian:6.17.13.apex" time="0"><failure type="crashed" message="the kernel crashed in &#34;contents through both&#34;: BUG: unable to handle page fault">crashed: the kernel crashed in &#34;contents through both&#34;: BUG: unable to handle page fault
call chain, deepest first:
  ovl_iterate
  2 times:
    vfs_read
console:
  [    1.2] a�b &#60;script&#62;alert(1)&#60;/script&#62; ]]&#62; &#38; &#34;quoted&#34; | \`\`\`\`\`\` # TODO not so
    ---
  - x: [
  [    1.3] Kernel panic - not syncing: Fatal exception</failure></testcase>
<testcase name="file-backed erofs in it" classname="debian:6.17.13.apex" time="0"><failure type="hung" message="no answer in time: in ovl_read_iter &#60; vfs_read">hung: no answer in time: in ovl_read_iter &#60; vfs_read</failure></testcase>
<testcase name="overlay on it" classname="debian:6.17.13.apex" time="0"><error type="broken" message="a�b &#60;script&#62;alert(1)&#60;/script&#62; ]]&#62; &#38; &#34;quoted&#34; | \`\`\`\`\`\` # TODO not so
  ---
- x: [">broken: a�b &#60;script&#62;alert(1)&#60;/script&#62; ]]&#62; &#38; &#34;quoted&#34; | \`\`\`\`\`\` # TODO not so
  ---
- x: [</error></testcase>
<testcase name="overlay on that" classname="debian:6.17.13.apex" time="0"><failure type="disagrees" message="it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;">disagrees: it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying &#34;overlayfs: maximum fs stacking depth exceeded&#34;
expected ok d2, observed EINVAL
&#60;3&#62; overlayfs: maximum fs stacking depth exceeded</failure></testcase>
<testcase name="contents through both overlays" classname="debian:6.17.13.apex" time="0"><skipped message="not tried: &#34;overlay on that&#34; did not succeed"/></testcase>
</testsuite>
<testsuite name="image:bzImage,config=config fedora-coreos-2087" tests="13" failures="0" errors="0" skipped="13" time="0" timestamp="2026-11-21T02:40:20" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="image:bzImage,config=config"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="no-stacked-backing"/><property name="accelerator" value=""/></properties>
<testcase name="file-backed erofs" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="contents of the image" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="overlay on it" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="overlay on that (the report)" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="contents through both overlays" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="copy-up in the upper overlay" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="contents after the copy-up" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="the overlay below is unchanged" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="a third overlay" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="the same on a loop device" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="loop: overlay on it" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="loop: overlay on that" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="loop: contents through both" classname="image:bzImage,config=config.fedora-coreos-2087" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
</testsuite>
<testsuite name="image:bzImage,config=config apex" tests="5" failures="0" errors="0" skipped="5" time="0" timestamp="2026-11-21T02:40:20" hostname="6.18.9+deb13-cloud-amd64">
<properties><property name="kernel" value="image:bzImage,config=config"/><property name="release" value="6.18.9+deb13-cloud-amd64"/><property name="profile" value="no-stacked-backing"/><property name="accelerator" value=""/></properties>
<testcase name="erofs on a loop device" classname="image:bzImage,config=config.apex" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="file-backed erofs in it" classname="image:bzImage,config=config.apex" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="overlay on it" classname="image:bzImage,config=config.apex" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="overlay on that" classname="image:bzImage,config=config.apex" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
<testcase name="contents through both overlays" classname="image:bzImage,config=config.apex" time="0"><skipped message="image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there"/></testcase>
</testsuite>
</testsuites>

`

exports[`test/harness/report/reporters.test.ts > TAP > given every kind of verdict, then each form of the report is as it was looked at > markdown 1`] = `
6.17.13 does not behave as its profile says: no-stacked-backing

nothing can be said of 6.18.9

36 steps: 8 agree, 2 disagree, 1 crashed, 1 hung, 23 unsupported, 1 broken (tcg)

|  | 6.17.13 | 6.18.9 |
| --- | --- | --- |
| fedora-coreos-2087 | 1 disagree, 4 unsupported of 13 | 13 unsupported of 13 |
| apex | 1 crashed, 1 hung, 1 disagree, 1 broken, 1 unsupported of 5 | 5 unsupported of 5 |

\`\`\`\`\`\`\`text
6.17.13: fedora-coreos-2087: "overlay on that (the report)" disagrees: it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"
    expected ok d2, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.17.13: fedora-coreos-2087: "contents through both overlays" and 3 more steps unsupported: not tried: "overlay on that (the report)" did not succeed

6.18.9: 18 steps of 2 scenarios unsupported: image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there
    build it (make modules), or name the directory that holds it

6.17.13: apex: "erofs on a loop device" crashed: the kernel crashed in "contents through both": BUG: unable to handle page fault
    BUG: unable to handle page fault
    call chain, deepest first:
      ovl_iterate
      2 times:
        vfs_read

6.17.13: apex: "file-backed erofs in it" hung: no answer in time: in ovl_read_iter < vfs_read
    | 

6.17.13: apex: "overlay on it" broken: ab <script>alert(1)</script> ]]> & "quoted" | \`\`\`\`\`\` # TODO not so
  ---
- x: [

6.17.13: apex: "overlay on that" disagrees: it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"
    expected ok d2, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.17.13: apex: "contents through both overlays" unsupported: not tried: "overlay on that" did not succeed
\`\`\`\`\`\`\`

6.18.9 is image:bzImage,config=config (6.18.9+deb13-cloud-amd64)

fathom 0.1.0

`

exports[`test/harness/report/reporters.test.ts > TAP > given every kind of verdict, then each form of the report is as it was looked at > tap 1`] = `
TAP version 14
1..2
# Subtest: debian:6.17.13 (6.17.13+deb13-cloud-amd64)
    1..2
    # Subtest: fedora-coreos-2087
        1..13
        ok 1 - file-backed erofs
        ok 2 - contents of the image
        ok 3 - overlay on it
        not ok 4 - overlay on that (the report)
          ---
          verdict: disagrees
          why: 'it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"'
          expected: ok d2
          observed: EINVAL
          messages:
            - "<3> overlayfs: maximum fs stacking depth exceeded"
          ...
        ok 5 - contents through both overlays # SKIP "overlay on that (the report)"
        ok 6 - copy-up in the upper overlay # SKIP "overlay on that (the report)"
        ok 7 - contents after the copy-up # SKIP "overlay on that (the report)"
        ok 8 - the overlay below is unchanged
        ok 9 - a third overlay # SKIP "overlay on that (the report)"
        ok 10 - the same on a loop device
        ok 11 - loop: overlay on it
        ok 12 - loop: overlay on that
        ok 13 - loop: contents through both
    not ok 1 - fedora-coreos-2087
    # Subtest: apex
        1..5
        not ok 1 - erofs on a loop device
          ---
          verdict: crashed
          why: 'the kernel crashed in "contents through both": BUG: unable to handle page fault'
          chain:
            - ovl_iterate
            - "2 times:"
            - "  vfs_read"
          console:
            - "[    1.2] a\\x01b <script>alert(1)</script> ]]> & \\"quoted\\" | \`\`\`\`\`\` # TODO not so"
            - "  ---"
            - "- x: ["
            - "[    1.3] Kernel panic - not syncing: Fatal exception"
          ...
        not ok 2 - file-backed erofs in it
          ---
          verdict: hung
          why: "no answer in time: in ovl_read_iter < vfs_read"
          ...
        not ok 3 - overlay on it
          ---
          verdict: broken
          why: "a\\x01b <script>alert(1)</script> ]]> & \\"quoted\\" | \`\`\`\`\`\` # TODO not so
        
            \\  ---
        
            - x: ["
          ...
        not ok 4 - overlay on that
          ---
          verdict: disagrees
          why: 'it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"'
          expected: ok d2
          observed: EINVAL
          messages:
            - "<3> overlayfs: maximum fs stacking depth exceeded"
          ...
        ok 5 - contents through both overlays # SKIP "overlay on that"
    not ok 2 - apex
not ok 1 - debian:6.17.13 (6.17.13+deb13-cloud-amd64)
# Subtest: image:bzImage,config=config (6.18.9+deb13-cloud-amd64)
    1..2
    # Subtest: fedora-coreos-2087
        1..13
        ok 1 - file-backed erofs # SKIP CONFIG_EROFS_FS
        ok 2 - contents of the image # SKIP CONFIG_EROFS_FS
        ok 3 - overlay on it # SKIP CONFIG_EROFS_FS
        ok 4 - overlay on that (the report) # SKIP CONFIG_EROFS_FS
        ok 5 - contents through both overlays # SKIP CONFIG_EROFS_FS
        ok 6 - copy-up in the upper overlay # SKIP CONFIG_EROFS_FS
        ok 7 - contents after the copy-up # SKIP CONFIG_EROFS_FS
        ok 8 - the overlay below is unchanged # SKIP CONFIG_EROFS_FS
        ok 9 - a third overlay # SKIP CONFIG_EROFS_FS
        ok 10 - the same on a loop device # SKIP CONFIG_EROFS_FS
        ok 11 - loop: overlay on it # SKIP CONFIG_EROFS_FS
        ok 12 - loop: overlay on that # SKIP CONFIG_EROFS_FS
        ok 13 - loop: contents through both # SKIP CONFIG_EROFS_FS
    ok 1 - fedora-coreos-2087
    # Subtest: apex
        1..5
        ok 1 - erofs on a loop device # SKIP CONFIG_EROFS_FS
        ok 2 - file-backed erofs in it # SKIP CONFIG_EROFS_FS
        ok 3 - overlay on it # SKIP CONFIG_EROFS_FS
        ok 4 - overlay on that # SKIP CONFIG_EROFS_FS
        ok 5 - contents through both overlays # SKIP CONFIG_EROFS_FS
    ok 2 - apex
ok 2 - image:bzImage,config=config (6.18.9+deb13-cloud-amd64)

`
