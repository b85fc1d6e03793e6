#!/usr/bin/env bash
# Every check, in the order in which a failure is cheapest to find. `make test` calls this.
# TIMES=book/test_times.csv keeps the seconds and the number of cases of each step there.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
parallel=(-q -n 2 --dist loadfile)
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT

step() {  # step NAME COMMAND...: run it under its name, note how long it took and how many cases passed
  local start=$SECONDS
  echo "== $1"
  "${@:2}" | tee "$kept/said"
  local passed=$(grep -oE '[0-9]+ passed' "$kept/said" | tail -1 | cut -d' ' -f1 || true)
  printf '"%s",%s,%s\n' "$1" "$passed" "$((SECONDS - start))" >>"$kept/times"
}
style() { $bin/ruff check --quiet . && $bin/ruff format --quiet --check .; }
book() { make --no-print-directory book LANGUAGE=fr; }

step "style"                      style
step "types"                      $bin/mypy --no-error-summary src
step "core, data and gates"       $bin/pytest "${parallel[@]}" src tests/unit tests/data tests/notebooks
step "notebooks executed again and every output compared" \
                                  $bin/pytest "${parallel[@]}" --nbval --nbval-kernel-name python3 notebooks
step "the book is built, in two languages" book
step "the book in a browser"      $bin/pytest "${parallel[@]}" tests/site
echo "== all checks passed"

if [ -n "${TIMES:-}" ]; then
  { echo "# $(date +%F), $(nproc) cores, $($bin/python --version)"; echo "step,cases,seconds"; cat "$kept/times"; } >"$TIMES"
fi
