#!/usr/bin/env bash
# Every check, in the order in which a failure is cheapest to find. `make test` calls this.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
parallel=(-q -n 2 --dist loadfile)

echo "== style";                     $bin/ruff check --quiet . && $bin/ruff format --quiet --check .
echo "== types";                     $bin/mypy --no-error-summary src
echo "== core, data and gates";      $bin/pytest "${parallel[@]}" src tests/unit tests/data tests/notebooks
echo "== notebooks, executed again and every output compared"
$bin/pytest "${parallel[@]}" --nbval --nbval-kernel-name python3 notebooks
make --no-print-directory book LANGUAGE=fr
echo "== the book in a browser";     $bin/pytest "${parallel[@]}" tests/site
echo "== all checks passed"
