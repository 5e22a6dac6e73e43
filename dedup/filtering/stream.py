"""A stream of records through the filter: JSON Lines in, JSON Lines out, in order."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dedup.article import DedupError
from dedup.filtering.batch import Incoming
from dedup.filtering.deciding import Begun, Counts, Filter
from dedup.filtering.decision import Decision
from dedup.filtering.lines import Line, LineBatch, LineReader
from dedup.filtering.run_files import (
    STREAM,
    OutputFile,
    OutputStream,
    Progress,
    Run,
    RunError,
    is_file,
    open_input,
    tail_of,
)
from dedup.filtering.splice import dumped, splice
from dedup.filtering.state import State, committed
from dedup.index.library import StoredLibrary
from dedup.reading.jsonl import Fields, Record, RecordError, article_of, load_record, lookup

_AHEAD = 2

FEWEST = 100
"""Records read before a run is stopped for dropping too many of them, unless it ends sooner."""


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """Where records come from and go to; ``-`` is standard input or output.

    Attributes
    ----------
    rejected
        Takes what is dropped and what cannot be read; None: nothing does.
    annotate
        Write what is not kept too, marked so.
    series
        The field that names a record's series.
    max_drop
        The share of records that may be dropped.
    """

    input: str = STREAM
    output: str = STREAM
    rejected: str | None = None
    annotate: bool = True
    fields: Fields = field(default_factory=Fields)
    series: str | None = None
    max_bytes: int = 64 << 20
    max_drop: float | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A line and what was read of it: a record, or the reason why it is none."""

    line: Line
    record: Record
    incoming: Incoming | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A batch of lines that were read, and their records, begun."""

    batch: LineBatch
    read: Sequence[_Read]
    begun: Begun


class _Ahead:
    """The next batches, taken, so that others digest them, while those before are decided."""

    def __init__(self, taken: Iterator[_Taken], is_there: Callable[[], bool]) -> None:
        self._source = taken
        self._is_there = is_there
        self._taken: deque[_Taken] = deque()
        self._error: DedupError | None = None

    def take(self) -> None:
        """Take what is there without waiting; what goes wrong is said when it is wanted."""
        try:
            while len(self._taken) < _AHEAD and self._error is None and self._is_there():
                self._taken.append(next(self._source))
        except StopIteration:
            return
        except DedupError as error:
            self._error = error

    def next(self) -> _Taken | None:
        """Return the next one, or None at the end of the input."""
        if self._taken:
            return self._taken.popleft()
        if self._error is not None:
            raise self._error
        return next(self._source, None)


class FilterStream:
    """A run of a filter over a stream.

    Parameters
    ----------
    library
        The index, open for writing.
    state
        What is remembered beside it.
    deciding
        What decides.
    options
        Where from, and where to.
    report
        Is told of each record that cannot be read.

    Raises
    ------
    RunError
        If the files cannot be opened, or are not what they were when the run was interrupted.
    """

    def __init__(
        self,
        library: StoredLibrary,
        state: State,
        deciding: Filter,
        options: StreamOptions,
        report: Callable[[str], None],
    ) -> None:
        self._library = library
        self._deciding = deciding
        self._options = options
        self._report = report
        _check_different(options)
        self._durable = is_file(options.output)
        self._run = Run(state, options.input, options.output) if self._durable else None
        self.progress = self._run.progress if self._run else Progress()
        self.resumed_from = self.progress.read
        if self._run is not None:
            self._begin(self._run)
        if options.input == STREAM:
            self._descriptor = sys.stdin.fileno()
        else:
            self._descriptor = open_input(options.input, self.progress)
        self._from_file = options.input != STREAM and is_file(options.input)
        self._output = self._open_output()
        self._rejected = self._open_rejected()
        start = (self.progress.input, self.progress.lines) if self._from_file else (0, 0)
        if self._from_file:
            deciding.expect(os.fstat(self._descriptor).st_size - start[0])
        self._reader = LineReader(self._descriptor, options.max_bytes, *start)

    @property
    def counts(self) -> Counts:
        """What the filter has done in this process."""
        return self._deciding.counts

    @property
    def annotates(self) -> bool:
        """Whether what is not kept is written too."""
        return self._options.annotate

    def stop(self) -> None:
        """End cleanly after the records that are being decided; from a signal handler too."""
        self._reader.stop()

    def run(self) -> None:
        """Filter until the input ends or it is told to stop.

        Raises
        ------
        BrokenPipeError
            If nobody reads the output any more; all that was decided is stored.
        DedupError
            If too much would be dropped, or something cannot be written.
        """
        ahead = _Ahead(self._taken(), self._reader.has_line)
        while (taken := ahead.next()) is not None:
            if self._run is not None:
                self._decide_durably(taken, ahead, self._run)
            else:
                self._decide_through(taken, ahead)

    def close(self) -> None:
        """Close the files."""
        self._reader.close()
        self._output.close()
        if self._rejected is not None:
            self._rejected.close()
        if self._options.input != STREAM:
            os.close(self._descriptor)

    def _begin(self, run: Run) -> None:
        """Register a new run before anything is written, so that it is known again."""
        progress, options = run.progress, self._options
        rejected = os.path.realpath(options.rejected) if options.rejected else ""
        fresh = [options.output] if not run.known else []
        if rejected and rejected != progress.rejected_path and is_file(rejected):
            fresh.append(rejected)
        for path in fresh:
            if os.path.exists(path) and os.path.getsize(path):  # noqa: PTH110, PTH202
                raise RunError(
                    f"{path}: is there already and not of this run; remove it, or give another"
                )
        if run.known and not fresh:
            return
        if rejected:
            progress.rejected_path, progress.rejected = rejected, 0
        with committed(self._library):
            run.save()

    def _open_output(self) -> OutputFile | OutputStream:
        path = self._options.output
        if path == STREAM:
            return OutputStream(sys.stdout.fileno(), lambda: self._reader.stopping)
        return OutputFile(path, self.progress.output if self._durable else None)

    def _open_rejected(self) -> OutputFile | None:
        path = self._options.rejected
        if path is None:
            return None
        return OutputFile(path, self.progress.rejected if self._durable and is_file(path) else None)

    def _taken(self) -> Iterator[_Taken]:
        """Take batch after batch from the input, and begin with its records."""
        for batch in self._reader.batches():
            read = [self._read(line) for line in batch.lines]
            begun = self._deciding.begin(one.incoming for one in read if one.incoming)
            yield _Taken(batch, read, begun)

    def _read(self, line: Line) -> _Read:
        try:
            if line.too_long is not None:
                raise RecordError(
                    f"larger than {self._options.max_bytes / 2**20:g} MB; "
                    "raise --max-size if it is one"
                )
            record = load_record(line.content)
            article = article_of(record, self._options.fields)
            if not article.text.strip():
                raise RecordError(f"field {self._options.fields.text!r} is empty")
        except RecordError as error:
            return _Read(line, {}, None, str(error))
        value = lookup(record, self._options.series) if self._options.series else None
        series = str(value) if isinstance(value, str | int) and value != "" else None
        return _Read(line, record, Incoming(article, series))

    def _decide_durably(self, taken: _Taken, ahead: _Ahead, run: Run) -> None:
        """Write and fsync, then commit articles, decisions and offsets together."""
        progress, batch = self.progress, taken.batch
        if not taken.read and batch.offset == progress.input:
            return
        with committed(self._library):
            written, refused = self._decide(taken, ahead)
            self._output.write(written)
            progress.output = self._output.offset
            if self._rejected is not None:
                self._rejected.write(refused)
                progress.rejected = self._rejected.offset
            if self._from_file:
                progress.input, progress.lines = batch.offset, batch.number
                progress.tail = tail_of(self._descriptor, batch.offset)
            run.save()

    def _decide_through(self, taken: _Taken, ahead: _Ahead) -> None:
        """Commit, then write: a record that is lost on the way gets its old decision again."""
        with committed(self._library):
            written, refused = self._decide(taken, ahead)
        if self._rejected is not None:
            self._rejected.write(refused)
        self._output.write(written)

    def _decide(self, taken: _Taken, ahead: _Ahead) -> tuple[list[bytes], list[bytes]]:
        """Decide records; return the lines to be written, and those to be put aside."""
        read = taken.read
        readable = [one for one in read if one.incoming is not None]
        decisions = self._deciding.decide(taken.begun, ahead.take)
        decided = dict(zip(map(id, readable), decisions, strict=True))
        written: list[bytes] = []
        refused: list[bytes] = []
        for one in read:
            decision = decided.get(id(one))
            if decision is None:
                name = "<stdin>" if self._options.input == STREAM else self._options.input
                self._report(f"{name}:{one.line.number}: {one.reason}")
                refused.append(_refusal(one))
                continue
            passes = decision.kept or self._options.annotate
            (written if passes else refused).append(_annotated(one, decision))
        progress = self.progress
        kept = sum(decision.kept for decision in decisions)
        progress.read += len(read)
        progress.kept += kept
        progress.dropped += len(decisions) - kept
        progress.unreadable += len(read) - len(decisions)
        self._check_share(taken.batch.last)
        return written, refused

    def _check_share(self, last: bool) -> None:
        most, progress = self._options.max_drop, self.progress
        if most is None or not (last or progress.read >= FEWEST):
            return
        if progress.dropped > most * progress.read:
            raise TooManyDropped(
                f"{progress.dropped} of {progress.read} records would be dropped, more than "
                f"--max-drop {most:g} allows; the last of them are not written"
            )


class TooManyDropped(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """A run would drop a larger share of its records than it may."""


def _annotated(read: _Read, decision: Decision) -> bytes:
    line = splice(read.line.content, read.record, decision.fields)
    return line if line.endswith(b"\n") else line + b"\n"


def _refusal(read: _Read) -> bytes:
    """Return what is said of a line that is no record; of one that is too long, how it begins."""
    line = read.line
    said: Record = {"reason": read.reason, "line": line.number}
    if line.too_long is not None:
        said["bytes"] = line.too_long
    content = line.content.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
    return dumped({**said, "record": content}) + b"\n"


def _check_different(options: StreamOptions) -> None:
    paths = [path for path in (options.input, options.output, options.rejected) if path]
    files = [os.path.realpath(path) for path in paths if path != STREAM and is_file(path)]
    if len(set(files)) < len(files):
        raise RunError("input, output and rejected records must be different files")
