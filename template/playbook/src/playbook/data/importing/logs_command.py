"""`playbook data import --logs`: what callers really send becomes candidates."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.config import load_config
from chassis.config.problems import listed
from playbook.data import candidates
from playbook.data.alone import changing
from playbook.data.answers import label_fields
from playbook.data.importing import logs
from playbook.data.importing.command import finish
from playbook.data.importing.existing import existing_cases
from playbook.data.importing.labels import Labels
from playbook.data.importing.load import Loader, seen_by
from playbook.data.importing.logs import Call, Log, Only
from playbook.data.importing.mapping import Columns
from playbook.data.importing.plan import Wish
from playbook.data.importing.redaction import Redaction
from playbook.data.importing.report import Report
from playbook.data.importing.samples import LeftOut, Maker, Sample
from playbook.data.importing.writing import spool
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Mistake

_STDIN = "-"
_PRODUCTION = "production"


@dataclass(frozen=True)
class Choice:
    """Which calls of the log are taken."""

    only: Only = "all"
    size: int | None = None
    seed: int = 0


def run(project: Project, wish: Wish, choice: Choice) -> int:
    """Take candidates from a log."""
    pipeline = project.pipeline()
    config = load_config(project.root)
    cases = existing_cases(project, pipeline)
    with _file(wish.source) as (path, name):
        log = Log(path, name, wish.limit)
        glance = log.glance()
        logs.check(glance, name)
        thresholds = {
            release: found.confidence_threshold
            for release, found in config.releases.releases.items()
        }
        redaction = Redaction(config.guardrails.personal_data)
        fields = label_fields(pipeline, (placed.case for placed in cases))
        maker = Maker(
            pipeline,
            config.guardrails.request,
            Columns(),
            Labels(fields, {}),
            redaction,
            lenient=True,
        )
        _say_what_it_is(name, glance, choice, wish.provenance)
        report = Report(name, mapped=False, redacted=redaction.counts)
        with changing(project), spool(candidates.folder_of(project)) as lines:
            seen = seen_by(project, existing_cases(project, pipeline), redaction.value)
            redaction.counts.clear()
            slices = config.criteria.quality.slices
            loader = Loader(project, name, seen, report, lines, slices, wish.provenance)
            calls = logs.chosen(log, glance, choice.only, thresholds)
            usable = (call for call in calls if _is_usable(call, report, loader))
            drawn = logs.sampled(usable, choice.size, choice.seed) if choice.size else usable
            with progress("importing", min(glance.calls, choice.size or glance.calls)) as step:
                for call in drawn:
                    try:
                        _take(call, maker, loader, wish.slice)
                    except LeftOut as why:
                        loader.leave(call.where, why)
                    step()
            if not wish.keep_similar:
                loader.leave_similar()
            return finish(project, report, loader, lines, skip_bad=True, dry_run=wish.dry_run)


def _is_usable(call: Call, report: Report, loader: Loader) -> bool:
    """Whether it tells something about production; counts it either way."""
    report.rows += 1
    if call.event.get("simulated") is True:
        why = LeftOut("the simulator answered: this is not production", bad=False)
    elif logs.is_hash(call.event.get("input")):
        why = LeftOut("only a hash is in the log, by logs.payload", bad=False)
    elif call.input is None:
        why = LeftOut("no input is in the log", "The request was refused early.", bad=False)
    else:
        return True
    loader.leave(call.where, why)
    return False


def _take(call: Call, maker: Maker, loader: Loader, slice_: str | None) -> None:
    clean = maker.clean(dict(call.input or {}))
    suggested = call.suggested(maker.answer_fields)
    low = call.rating is not None
    sample = Sample(
        input=clean,
        slice=slice_,
        notes=f"A user rated the answer {call.rating} of 5." if low else "",
    )
    loader.candidate(
        call.where,
        sample,
        suggested=maker.redacted(suggested) if suggested else None,
        reason="low rating" if low else "sampled",
    )


def _say_what_it_is(name: str, glance: logs.Glance, choice: Choice, provenance: str) -> None:
    where = listed(f"{count:,} from {said}" for said, count in glance.environments.most_common())
    print(f"{name}: {glance.calls:,} AI calls ({where}), {len(glance.ratings):,} with a low rating")
    size = f", {choice.size:,} of them by chance (seed {choice.seed})" if choice.size else ""
    if set(glance.environments) - {_PRODUCTION} and provenance == _PRODUCTION:
        print("Note: not all of them are from production; --provenance synthetic would say so.")
    print(f"Taken: {choice.only}{size}")


@contextlib.contextmanager
def _file(source: Path) -> Iterator[tuple[Path, str]]:
    """The log as a file that can be read twice, and its name."""
    if str(source) != _STDIN:
        if not source.is_file():
            raise Mistake(f"{source}\n  There is no such file.")
        yield source, source.name
        return
    if sys.stdin.isatty():
        raise Mistake("Nothing comes in. For example: kubectl logs ... | playbook ... --logs -")
    with tempfile.NamedTemporaryFile(prefix="playbook-", suffix=".log") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name), "logs"
