"""Audit: everything that is wrong with a folder of tables, not only the first thing.

`data.load` refuses a table at its first fault. Whoever swaps a table for one of their own wants to know about all of
them: `problems` goes through every table, the seals of the forecasts included.
"""

from pathlib import Path

from compute_scaling import data, register
from compute_scaling.schema import PACKAGE, package


def problems(folder: Path = data.FOLDER) -> dict[str, list[data.DataError]]:
    """Return what is wrong with each table of a folder, by its name: nothing for a sound one.

    A table whose checks need another that is itself wrong is not repeated. Files that are not described come last.
    Raises DataError for a folder without a sound list of tables.

    >>> any(problems().values())
    False
    """
    described = {resource["name"]: resource["path"] for resource in package(folder)["resources"]}
    found = {name: _problems_of(name, folder) for name in described}
    strays = sorted(path.name for path in folder.glob("*.csv") if path.name not in described.values())
    for name in strays:
        expected = f"a description in {PACKAGE}; without one nothing reads this file"
        found[name.removesuffix(".csv")] = [data.DataError(name.removesuffix(".csv"), expected)]
    return found


def _problems_of(table: str, folder: Path) -> list[data.DataError]:
    try:
        frame = data.load(table, folder=folder)
        if table == register.TABLE:
            register.checked(frame)
    except data.DataError as error:
        return [error] if error.table == table else []
    return []
