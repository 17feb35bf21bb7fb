#!/usr/bin/env bash
# Reads addresses and ranges as Go's netip does, which is what Kubernetes reads the same text with: a million texts,
# the same ones in every run, read by both.
#
#   e2e/addresses.sh [COUNT]    results as TAP on stdout; exit status 1 if anything failed
#
# Takes  KDK_TOOLS  see lib.sh
#        CC         what compiles oracle/driver/addresses.c, against the objects that `make` has left in build/obj
# Gives  whether both take and refuse the same texts, print them the same, and see the same overlaps. The two
#        documented differences (src/base/addr.h) are in oracle/addresses.go; everything else must agree.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

count=${1:-1000000}
oracle=$("$root/e2e/tools/get" oracle)/oracle || bail "no oracle"

build() { # DRIVER, from another source than the project's where $source says so
  "${CC:-cc}" -std=c17 -D_POSIX_C_SOURCE=200809L -O2 -I"$root/e2e/oracle/driver" -o "$1" \
    "${source:-$root/e2e/oracle/driver/addresses.c}" "$root"/build/obj/base/*.o
}

seen() { # WHAT: how many of them there were, as the oracle's last line says
  sed -nE "s/.* $1 ([0-9]+).*/\1/p" <<<"$out"
}

build "$work/driver" || bail "no driver: run make first"
succeeds "netip and kdk-render read $count texts the same" "$oracle" addresses "$count" -- "$work/driver"
echo "# ${out##*$'\n'}"
for what in addresses ranges "with host bits" overlaps zones v4-mapped; do
  if (($(seen "$what") > count / 1000)); then
    pass "many were $what"
  else
    flunk "many were $what" "$out"
  fi
done

# The comparison must be able to fail: a driver that takes a zone.
sed 's|if (addr_parse(|if (n > 1 \&\& text[n - 1] == '"'%'"' ? n-- : 1, addr_parse(|; s|\.\./\.\./\.\./src|'"$root"'/src|' \
  "$root/e2e/oracle/driver/addresses.c" >"$work/wrong.c"
source=$work/wrong.c build "$work/wrong" || bail "no wrong driver"
fails "a driver that reads one character more is found out" "$oracle" addresses 10000 -- "$work/wrong"
has "and told with the text" 'netip says "-' "$out"
finish
