#!/bin/bash
# The mutator finds a fault that no file of the corpus shows, twice in the same
# way, and prints the input that shows it.
set -eu
fuzz=$PWD/$1
cd "$TEST_TMPDIR"
# shellcheck disable=SC2016
printf '*2\r\n$3\r\nget\r\n$1\r\na\r\n' >seed

fail() {
  echo "$*"
  exit 1
}

"$fuzz" --rounds=0 seed || fail "failed on the corpus itself"
! "$fuzz" seed 2>first || fail "found nothing"
! "$fuzz" seed 2>second || fail "found nothing the second time"
reproducer() { sed -n "s/^  \(printf '.*'\) > crash$/\1/p" "$1"; }
[ -n "$(reproducer first)" ] || fail "printed no command: $(cat first)"
[ "$(reproducer first)" = "$(reproducer second)" ] || fail "found different inputs"

eval "$(reproducer first)" >crash
! "$fuzz" --rounds=0 crash 2>/dev/null || fail "the printed input does not fail"
