"""The census of clusters: which machines existed on a day, under a stated definition, and how large they were.

"Existing cluster" has no one meaning. Four choices make a definition:

- scope: one network `fabric`, or all that one `owner` runs or holds;
- evidence: `measured` by an outside list or benchmark, `confirmed` by the owner too, or `reported` by anyone, offers
  included;
- unit: `H100` chips only, `any` accelerator by count, or `H100e`, any accelerator by its dense 16-bit peak;
- purpose: machines built for `ai`, or `all`, scientific computers included.

`standing` computes all of them at once, for many days; a definition then selects its rows.
"""

from dataclasses import asdict, dataclass
from typing import Final, Literal

import pandas as pd

from compute_scaling import data
from compute_scaling.accelerator import REFERENCE, h100_equivalents
from compute_scaling.texts import tr

Scope = Literal["fabric", "owner"]
Evidence = Literal["measured", "confirmed", "reported"]
Unit = Literal["H100", "any", "H100e"]
Purpose = Literal["ai", "all"]

SCOPES: Final[tuple[Scope, ...]] = ("fabric", "owner")
EVIDENCE: Final[tuple[Evidence, ...]] = ("measured", "confirmed", "reported")
UNITS: Final[tuple[Unit, ...]] = ("H100", "any", "H100e")
PURPOSES: Final = ("ai", "all")

# How far each kind of evidence counts: 0 measured, 1 confirmed, 2 reported. An offer of a size proves no machine.
RANK_OF_EVIDENCE: Final = {"public record": 0, "datasheet": 1, "paper": 1, "company statement": 1}
REPORTED: Final = 2
STATUS_OF_EXISTING: Final = ("operational", "offered", "bought")
CONFIDENCE_RANK: Final = {"low": 0, "medium": 1, "high": 2}
ENTITY: Final = ["on", "scope", "evidence", "unit", "purpose", "entity", "owner"]


@dataclass(frozen=True)
class Definition:
    """What "existing cluster" is taken to mean. Raises ValueError for a word that is not a choice.

    >>> Definition(scope="owner").scope
    'owner'
    """

    scope: Scope = "fabric"
    evidence: Evidence = "confirmed"
    unit: Unit = "H100"
    purpose: Purpose = "ai"

    def __post_init__(self) -> None:
        choices = {"scope": SCOPES, "evidence": EVIDENCE, "unit": UNITS, "purpose": PURPOSES}
        for field, value in asdict(self).items():
            if value not in choices[field]:
                raise ValueError(f"{field} = {value!r}; expected one of {', '.join(choices[field])}")


def standing(
    on: "str | pd.Timestamp | pd.DatetimeIndex",
    *,
    as_of: data.Day = None,
    without: tuple[str, ...] = ("xAI",),
    scopes: tuple[Scope, ...] = SCOPES,
    evidence: tuple[Evidence, ...] = EVIDENCE,
    units: tuple[Unit, ...] = UNITS,
) -> pd.DataFrame:
    """Return every machine (or owner) that existed on each day, under every definition, with its size.

    on: one day or many. as_of: what was known by that day; without it, what was known on each day itself. without:
    owners left out (the owner of the planned machine, when others are compared with it). scopes, evidence, units: the
    definitions wanted, all unless given.

    One row a day, definition and machine: `entity`, `owner`, `low`, `mid`, `high` in the definition's unit, `sources`.
    """
    rows = _by_unit(_existing_rows(on if isinstance(on, pd.DatetimeIndex) else _one_day(on), as_of), units)
    rows = _by_evidence(rows[~rows["owner"].isin(without)], evidence)
    machines = _machines(rows)
    fabrics = [machines[machines["scope"] == "fabric"].drop(columns="status")] if "fabric" in scopes else []
    owners = [_owners(machines)] if "owner" in scopes else []
    both = pd.concat([*fabrics, *owners], ignore_index=True)
    both = pd.concat([both.assign(purpose="all"), both[both["purpose"] == "ai"]], ignore_index=True)
    order = [*ENTITY[:5], "mid", "entity"]
    return both.sort_values(order, ascending=[True] * 5 + [False, True]).reset_index(drop=True)


def select(table: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """Return the rows of `standing` that a definition chooses, largest first.

    >>> rows = select(standing("2024-05-31"), Definition())
    >>> rows["entity"].iloc[0], int(rows["mid"].iloc[0])
    ('Meta GenAI cluster (InfiniBand)', 24576)
    """
    chosen = asdict(definition)
    match = (table[list(chosen)] == pd.Series(chosen)).all(axis=1)
    return table[match].reset_index(drop=True)


def largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the largest machine of each day and definition, a row each.

    >>> len(largest(standing("2024-05-31"))) <= len(SCOPES) * len(EVIDENCE) * len(UNITS) * len(PURPOSES)
    True
    """
    return table.drop_duplicates(ENTITY[:5]).reset_index(drop=True)


def multiples(table: pd.DataFrame, planned: float) -> pd.DataFrame:
    """Return the table with `times_low`, `times_mid`, `times_high`: how many times larger the planned machine is.

    >>> first = multiples(select(standing("2024-05-31"), Definition()), 100_000).iloc[0]
    >>> round(first["times_mid"], 2)
    np.float64(4.07)
    """
    ends = {"times_low": "high", "times_mid": "mid", "times_high": "low"}
    return table.assign(**{name: planned / table[size] for name, size in ends.items()})


def _one_day(on: str | pd.Timestamp) -> pd.DatetimeIndex:
    day = pd.to_datetime(on, format="%Y-%m-%d", errors="coerce")
    if pd.isna(day):
        raise ValueError(f"on = {on!r}; expected a day as YYYY-MM-DD")
    return pd.DatetimeIndex([day])


def _existing_rows(days: pd.DatetimeIndex, as_of: data.Day) -> pd.DataFrame:
    """Cross the clusters table with the days and keep what existed, as far as it was known by `known_by`."""
    table = data.load("clusters", as_of=as_of)
    told = table.groupby("cluster_id")["known_on"].min()
    successor = table["superseded_by"]
    table["end_known_on"] = successor.map(told).where(successor.notna(), table["superseded_on"])
    table = table[table["status"].isin(STATUS_OF_EXISTING)]
    rows = table.merge(pd.DataFrame({"on": days}), how="cross")
    rows["known_by"] = rows["on"] if as_of is None else pd.Timestamp(as_of)
    began = rows["first_operational"].fillna(rows["known_on"]) <= rows["on"]
    ended = (rows["superseded_on"] <= rows["on"]) & (rows["end_known_on"] <= rows["known_by"])
    return rows[began & ~ended & (rows["known_on"] <= rows["known_by"])]


def _weights(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return each row's weight of a chip in H100s, NaN where the chip's peak was not yet known.

    The H100 itself is the unit of measure, on every day.
    """
    told = data.load("accelerators").set_index("accelerator")["known_on"]
    known = (rows["accelerator"].map(told) <= rows["known_by"]) | (rows["accelerator"] == REFERENCE)
    return pd.Series(h100_equivalents(1, rows["accelerator"]), rows.index).where(known)


def _by_unit(rows: pd.DataFrame, wanted: tuple[Unit, ...]) -> pd.DataFrame:
    """Stack the rows once a unit, sizes as low, mid, high; rows without a size in that unit fall out."""
    counts = rows.rename(columns={"count_low": "low", "count": "mid", "count_high": "high"})
    sizes = ["low", "mid", "high"]
    counts[sizes] = counts[sizes].astype(float)
    per_chip = _weights(counts)
    units = {
        "H100": counts[counts["accelerator"].str.startswith("H100", na=False)],
        "any": counts,
        "H100e": counts.assign(**{size: counts[size] * per_chip for size in sizes}),
    }
    stacked = [units[name].assign(unit=name) for name in wanted]
    return pd.concat(stacked, ignore_index=True).dropna(subset=["mid"])


def _by_evidence(rows: pd.DataFrame, wanted: tuple[Evidence, ...]) -> pd.DataFrame:
    """Stack the rows once a standard of evidence that they meet."""
    rank = rows["evidence"].map(RANK_OF_EVIDENCE).fillna(REPORTED)
    rank = rank.where(rows["status"] == "operational", REPORTED)
    stacked = [rows[rank <= EVIDENCE.index(name)].assign(evidence=name) for name in wanted]
    return pd.concat(stacked, ignore_index=True)


def _machines(rows: pd.DataFrame) -> pd.DataFrame:
    """Join the sources on one machine: the most trusted count as mid, the whole range as low and high."""
    trust = rows["confidence"].map(CONFIDENCE_RANK)
    ordered = rows.assign(trust=trust).sort_values(["trust", "known_on", "source_id"])
    keys = ["on", "evidence", "unit", "cluster_id"]
    joined = ordered.groupby(keys, as_index=False).agg(
        entity=("name", "last"),
        owner=("owner", "last"),
        purpose=("purpose", "last"),
        scope=("scope", "last"),
        status=("status", "last"),
        low=("low", "min"),
        mid=("mid", "last"),
        high=("high", "max"),
    )
    joined = joined.merge(_sources(ordered.rename(columns={"source_id": "sources"}), keys), on=keys)
    return joined.drop(columns="cluster_id")


def _sources(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the sources of each group, each once and in order, joined by commas; in columns, as groups are many."""
    each = rows[[*keys, "sources"]].drop_duplicates().sort_values([*keys, "sources"])
    each["rank"] = each.groupby(keys).cumcount()
    wide = each.pivot_table("sources", keys, "rank", aggfunc="first")
    joined = pd.Series("", wide.index, dtype=str, name="sources")
    for rank in wide.columns:
        joined += (", " + wide[rank]).fillna("")
    return joined.str.removeprefix(", ").reset_index()


def _owners(machines: pd.DataFrame) -> pd.DataFrame:
    """Return each owner's largest holding: the sum of its running fabrics, or one figure for several sites or all."""
    running = machines[(machines["scope"] == "fabric") & (machines["status"] == "operational")]
    keys = ["on", "evidence", "unit", "purpose", "owner"]
    sums = running.groupby(keys, as_index=False).agg(
        low=("low", "sum"),
        mid=("mid", "sum"),
        high=("high", "sum"),
        parts=("mid", "size"),
        entity=("entity", "first"),
    )
    sums = sums.merge(
        _sources(running.assign(sources=running["sources"].str.split(", ")).explode("sources"), keys), on=keys
    )
    several = sums["parts"] > 1
    joined = [
        tr("{owner}, {parts} clusters", owner=owner, parts=parts)
        for owner, parts in zip(sums["owner"], sums["parts"], strict=True)
    ]
    sums["entity"] = sums["entity"].where(~several, joined)
    single = machines[(machines["scope"] != "fabric") | (machines["status"] != "operational")]
    candidates = pd.concat([sums.drop(columns="parts"), single.drop(columns=["scope", "status"])], ignore_index=True)
    candidates = candidates.sort_values([*keys, "mid", "entity"], ascending=[True] * 5 + [False, True])
    return candidates.drop_duplicates(keys).assign(scope="owner")


def spans(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `standing` for many days with equal neighbours joined: `first`, `last` are indexes of days.

    A row holds from the day of index `first` up to before the day of index `last`.

    >>> days = pd.DatetimeIndex(["2024-04-01", "2024-05-01", "2024-06-01"])
    >>> rows = select(spans(standing(days)), Definition())
    >>> rows.loc[rows["entity"] == "Azure Eagle", ["first", "last"]].to_numpy().tolist()
    [[0, 3]]
    """
    days = pd.Index(sorted(table["on"].unique()))
    sizes = ["low", "mid", "high", "sources"]
    thing = [*ENTITY[1:]]
    rows = table.assign(first=days.get_indexer(table["on"])).sort_values([*thing, "first"])
    same = (rows[[*thing, *sizes]] == rows[[*thing, *sizes]].shift()).all(axis=1)
    rows["span"] = (~(same & (rows["first"].diff() == 1))).cumsum()
    rows["last"] = rows["first"] + 1
    rules = dict.fromkeys([*thing, *sizes, "first"], "first") | {"last": "max"}
    joined = rows.groupby("span").agg(rules)
    return joined.sort_values(
        [*ENTITY[1:5], "first", "mid", "entity"], ascending=[True] * 5 + [False, True]
    ).reset_index(drop=True)
