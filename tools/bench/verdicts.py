"""The table of figures against limits that memory, fairness and scaling print."""

from typing import NamedTuple, Optional


class Figure(NamedTuple):
    """One thing measured. Less is better; without `must` it is only shown."""

    what: str
    value: float
    unit: str
    must: Optional[float] = None
    aim: Optional[float] = None

    @property
    def kept(self):
        return self.must is None or self.value <= self.must


def _number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


HEADER = f"{'':<58}{'':>9} {'':<10}{'must':>8}{'aim':>8}"


def show(figure):
    """A line of the table."""
    line = f"{figure.what:<58}{_number(figure.value):>9} {figure.unit:<10}"
    line += f"{_number(figure.must):>8}{_number(figure.aim):>8}"
    if figure.must is not None:
        line += "  ok" if figure.kept else "  NOT OK"
    if figure.kept and figure.aim is not None and figure.value <= figure.aim:
        line += ", aim reached"
    print(line.rstrip(), flush=True)


def conclude(figures):
    """The last line; returns whether all limits were kept, and the record for --json."""
    judged = [figure for figure in figures if figure.must is not None]
    kept = sum(figure.kept for figure in judged)
    print(f"{kept} of {len(judged)} limits kept")
    return kept == len(judged), [figure._asdict() for figure in figures]
