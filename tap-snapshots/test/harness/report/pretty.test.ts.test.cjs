/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/harness/report/pretty.test.ts > TAP > given a disagreement and a kernel without modules, then each is told once, and neither is the other > must match snapshot 1`] = `
fedora-coreos-2087                    6.17.13    6.18.9
  file-backed erofs                   ok d0      n/a ?
  contents of the image               ok         n/a ?
  overlay on it                       ok d1      n/a ?
  overlay on that (the report)        EINVAL !   n/a ?
  contents through both overlays      - ?        n/a ?
  copy-up in the upper overlay        - ?        n/a ?
  contents after the copy-up          - ?        n/a ?
  the overlay below is unchanged      ok         n/a ?
  a third overlay                     - ?        n/a ?
  the same on a loop device           ok d0      n/a ?
  loop: overlay on it                 ok d1      n/a ?
  loop: overlay on that               ok d2      n/a ?
  loop: contents through both         ok         n/a ?

apex                                  6.17.13    6.18.9
  erofs on a loop device              ok d0      n/a ?
  file-backed erofs in it             ok d0      n/a ?
  overlay on it                       ok d1      n/a ?
  overlay on that                     EINVAL !   n/a ?
  contents through both overlays      - ?        n/a ?

6.17.13: fedora-coreos-2087: "overlay on that (the report)" disagrees: it was to succeed (ovl(ovl(erofs[file](xfs))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"
    expected ok d2, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.17.13: fedora-coreos-2087: "contents through both overlays" and 3 more steps unsupported: not tried: "overlay on that (the report)" did not succeed

6.18.9: 18 steps of 2 scenarios unsupported: image:bzImage,config=config has no module erofs and no such built-in (CONFIG_EROFS_FS); it is configured as a module, but its file is not there
    build it (make modules), or name the directory that holds it

6.17.13: apex: "overlay on that" disagrees: it was to succeed (ovl(ovl(erofs[file](erofs[loop](ext4)))) has depth 2), and mount gave EINVAL, saying "overlayfs: maximum fs stacking depth exceeded"
    expected ok d2, observed EINVAL
    | overlayfs: maximum fs stacking depth exceeded

6.17.13: apex: "contents through both overlays" unsupported: not tried: "overlay on that" did not succeed

6.18.9 is image:bzImage,config=config (6.18.9+deb13-cloud-amd64)

6.17.13 does not behave as its profile says: no-stacked-backing
nothing can be said of 6.18.9
36 steps: 11 agree, 2 disagree, 23 unsupported (tcg)

`

exports[`test/harness/report/pretty.test.ts > TAP > given three kernels that agree, then they stand side by side, and each difference is explained > must match snapshot 1`] = `
fedora-coreos-2087                    6.17.8     6.17.13    6.18.9
  file-backed erofs                   ok d0      ok d1      ok d0
  contents of the image               ok         ok         ok
  overlay on it                       ok d1      ok d2      ok d1
  overlay on that (the report)        ok d2      EINVAL     ok d2
  contents through both overlays      ok         -          ok
  copy-up in the upper overlay        ok         -          ok
  contents after the copy-up          ok         -          ok
  the overlay below is unchanged      ok         ok         ok
  a third overlay                     EINVAL     -          EINVAL
  the same on a loop device           ok d0      ok d0      ok d0
  loop: overlay on it                 ok d1      ok d1      ok d1
  loop: overlay on that               ok d2      ok d2      ok d2
  loop: contents through both         ok         ok         ok

nested-file-backed                    6.17.8     6.17.13    6.18.9
  file-backed erofs                   ok d0      ok d1      ok d0
  file-backed erofs in it             ok d0      ok d2      ENOTBLK
  file-backed erofs in that           ok d0      ENOTBLK    -
  overlay on the second               ok d1      EINVAL     -
  contents of the innermost           ok         -          -

6.17.8, 6.18.9: fedora-coreos-2087: "a third overlay" refused (D3): depth 3 > 2: ovl(ovl(ovl(erofs[file]=0)=1)=2)=3
6.17.13: fedora-coreos-2087: "overlay on that (the report)" refused (D3): depth 3 > 2: ovl(ovl(erofs[file]=1)=2)=3, counted since d53cd891f0e4; on a loop device it mounts (seen: ok d2)
6.17.13: nested-file-backed: "file-backed erofs in that" refused (E8): depth 3 > 2: erofs[file](erofs[file](erofs[file]=1)=2)=3, counted since d53cd891f0e4; on a loop device it is predicted to mount (d0)
6.17.13: nested-file-backed: "overlay on the second" refused (D3): depth 3 > 2: ovl(erofs[file](erofs[file]=1)=2)=3, counted since d53cd891f0e4; on a loop device it is predicted to mount (d1)
6.18.9: nested-file-backed: "file-backed erofs in it" refused (E10): the image lies on a file-backed erofs, and 072a7c7cdbea (as mended by 7893cc12251f) refuses that; on a loop device it is predicted to mount (d0)

all 3 kernels behave as their profiles say: unchecked, counted, no-stacked-backing
54 steps: 54 agree (tcg)

`
