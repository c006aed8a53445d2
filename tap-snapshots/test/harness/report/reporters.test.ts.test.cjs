/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
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
