"""Plots of results, drawn with matplotlib (extra ``bench``), which is imported when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dedup.article import DedupError
from dedup.bench.peers import BANDS, INSTALL, ROWS
from dedup.bench.quality import Judged, Quality
from dedup.index.nets import Nets
from dedup.index.planning import curve_at
from dedup.scoring.match import DERIVED, NOT_DERIVED

_BLUE, _ORANGE, _GREY = "#2166ac", "#d6604d", "#777777"


def check_possible(folder: Path) -> None:
    """Make the folder, and see that plots can be drawn.

    Raises
    ------
    DedupError
        If matplotlib is missing or the folder cannot be made; it says what to do.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise DedupError(f"plots need matplotlib; install it with: {INSTALL}") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DedupError(f"{folder}: cannot be made ({error.strerror})") from None


def plot_quality(quality: Quality, folder: Path, suffix: str = "svg") -> list[Path]:
    """Draw precision and recall by score, scores by relation, and the LSH curve.

    Returns the files written, named after what they show.
    """
    return [
        _save(precision_recall(quality), folder / f"precision-recall.{suffix}"),
        _save(scores(quality.judged), folder / f"scores.{suffix}"),
        _save(lsh_curve(quality.judged), folder / f"lsh-curve.{suffix}"),
    ]


def precision_recall(quality: Quality) -> Any:  # noqa: ANN401 - a matplotlib figure
    """Draw precision over recall as the score asked for falls, beside two similarities."""
    figure, axes = _figure("recall", "precision")
    expected = np.array([one.label.derived for one in quality.judged])
    overlaps = [one.match.overlap for one in quality.judged]
    measured = {
        "score of dedup": [one.match.score for one in quality.judged],
        "containment": [max(o.containment_a or 0.0, o.containment_b or 0.0) for o in overlaps],
        "Jaccard": [o.jaccard or 0.0 for o in overlaps],
    }
    for (name, values), colour in zip(measured.items(), (_BLUE, _ORANGE, _GREY), strict=True):
        scored = np.array(values)
        levels = np.unique(scored)[::-1]
        hits = np.array([(expected & (scored >= level)).sum() for level in levels])
        found = np.array([(scored >= level).sum() for level in levels])
        axes.step(
            hits / max(expected.sum(), 1), hits / found, where="post", label=name, color=colour
        )
    axes.set(xlim=(0, 1.02), ylim=(0.4, 1.02))
    axes.legend(loc="lower left", frameon=False)
    return figure


def scores(judged: Sequence[Judged]) -> Any:  # noqa: ANN401
    """Draw the score of every pair, by the relation it is labelled with."""
    figure, axes = _figure("score (derived from 0.5 on)", "")
    known = [one.label.relation or _plain(one) for one in judged]
    names = [n for n in (*DERIVED, "derived", *NOT_DERIVED, "not derived") if n in known]
    rng = np.random.default_rng(1)
    for height, name in enumerate(reversed(names)):
        own = [one.match.score for one, n in zip(judged, known, strict=True) if n == name]
        spread = height + rng.uniform(-0.25, 0.25, len(own))
        colour = _BLUE if name in (*DERIVED, "derived") else _ORANGE
        axes.scatter(own, spread, s=9, alpha=0.6, color=colour, linewidths=0)
    axes.axvline(0.5, color=_GREY, linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_xlim(-0.02, 1.02)
    return figure


def lsh_curve(judged: Sequence[Judged], nets: Nets | None = None) -> Any:  # noqa: ANN401
    """Draw how surely pairs of a Jaccard similarity meet in bands, over where derived pairs lie."""
    nets = nets or Nets()
    figure, axes = _figure("Jaccard similarity", "probability of becoming candidates")
    similarities = np.linspace(0.001, 1, 300)
    chosen = (
        ("dedup", nets.bands, nets.rows, nets.minimum_evidence or nets.minimum_bands or 1, _BLUE),
        ("the usual LSH", BANDS, ROWS, 1, _ORANGE),
    )
    for name, bands, rows, least, colour in chosen:
        found = [curve_at(bands, rows, least, s) for s in similarities.tolist()]
        label = f"{name}: {bands} bands of {rows}, {least} in common"
        axes.plot(similarities, found, color=colour, label=label)
    derived = [one.match.overlap.jaccard or 0.0 for one in judged if one.label.derived]
    share = np.full(len(derived), 1 / max(len(derived), 1))
    axes.hist(
        derived,
        bins=20,
        range=(0, 1),
        weights=share,
        color=_GREY,
        alpha=0.35,
        label="share of the derived pairs",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="center right", frameon=False)
    return figure


def plot_reliability(result: Mapping[str, Any], folder: Path, suffix: str = "svg") -> list[Path]:
    """Draw the share of derived pairs by score; return the file written."""
    figure, axes = _figure("score (derived from 0.5 on; no probability)", "share derived")
    bins = [one for one in result["score"]["bins"] if one["pairs"]]
    across = [one["mean_score"] for one in bins]
    axes.plot((0, 1), (0, 1), color=_GREY, linewidth=0.8, linestyle="--")
    axes.plot(across, [one["derived"] for one in bins], "o-", color=_BLUE)
    for x, one in zip(across, bins, strict=True):
        axes.annotate(str(one["pairs"]), (x, one["derived"]), (0, 6), textcoords="offset points")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.1))
    return [_save(figure, folder / f"reliability.{suffix}")]


def plot_robustness(result: Mapping[str, Any], folder: Path, suffix: str = "svg") -> list[Path]:
    """Draw a curve for each attack with more than one strength; return the file written."""
    attacks = {n: a for n, a in result["attacks"].items() if len(a["points"]) > 1}
    across = 3
    down = max(-(-len(attacks) // across), 1)
    figure, every = _grid(down, across)
    for axes in every.flat[len(attacks) :]:
        axes.set_visible(False)
    for axes, (name, attack) in zip(every.flat, attacks.items(), strict=False):
        points = attack["points"]
        places = range(len(points))
        for key, label, colour, style in (
            ("derived", "found derived", _BLUE, "o-"),
            ("candidate", "brought together", _ORANGE, "s--"),
            ("as_expected", "relation right", _GREY, "^:"),
        ):
            shares = [point[key] for point in points]
            axes.plot(places, shares, style, color=colour, label=label, markersize=3)
        axes.set_xticks(places, [point["label"] for point in points], rotation=45, ha="right")
        axes.set_title(f"{name}\n({attack['unit']})", fontsize=9)
        axes.set_ylim(-0.03, 1.05)
        axes.tick_params(labelsize=7)
    if attacks:
        every.flat[0].legend(fontsize=7, frameon=False, loc="lower left")
    return [_save(figure, folder / f"robustness.{suffix}")]


def _plain(one: Judged) -> str:
    return "derived" if one.label.derived else "not derived"


def _figure(across: str, up: str, size: tuple[float, float] = (6.4, 4.2)) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # no pyplot: no screen, and no state

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=across, ylabel=up)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _grid(down: int, across: int) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * across, 2.5 * down), layout="constrained")
    every = figure.subplots(down, across, sharey=True, squeeze=False)
    for axes in every.flat:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, every


def _save(figure: Any, path: Path) -> Path:  # noqa: ANN401
    """Write a figure; the same figure gives the same bytes."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "dedup", "svg.fonttype": "none"}):
        try:
            figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        except OSError as error:
            raise DedupError(f"{path}: cannot be written ({error.strerror})") from None
    return path
